/** The organization's webhooks. */

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { NewWebhook } from "../part/NewWebhook";
import { Secret } from "../part/Secret";
import { To } from "../part/To";
import { Trouble } from "../part/Trouble";
import { dateOf } from "../word/time";

export default function Webhooks() {
  const { client, may } = useSession();
  const [isMaking, setMaking] = useState(false);
  const [secret, setSecret] = useState<string>();
  const { data, error, retryAt, reload } = useLive("webhooks", (signal) => client.get("/webhooks", { signal }));
  return (
    <SpaceBetween size="l">
      <Trouble error={error} retryAt={retryAt} onRetry={reload} />
      {secret && <Secret title="The signing secret of the webhook" value={secret} onDismiss={() => setSecret(undefined)} />}
      <Table
        variant="full-page"
        items={data?.webhooks ?? []}
        trackBy="id"
        wrapLines
        loading={data === undefined && error === undefined}
        loadingText="Loading webhooks…"
        ariaLabels={{ tableLabel: "Webhooks" }}
        header={
          <Header
            variant="h1"
            description="Who is told of the organization's jobs."
            actions={
              <Button
                disabled={!may("CONFIG")}
                disabledReason="Needs the role CONFIG"
                onClick={() => setMaking(true)}
              >
                Make a webhook
              </Button>
            }
          >
            Webhooks
          </Header>
        }
        empty={<Box textAlign="center">Nobody is told yet.</Box>}
        columnDefinitions={[
          { id: "url", header: "URL", isRowHeader: true, cell: ({ id, url }) => <To to={`/webhooks/${id}`}>{url}</To> },
          { id: "description", header: "Description", cell: ({ description }) => description ?? "–" },
          { id: "events", header: "Is told of", cell: ({ events }) => events.join(", ") },
          {
            id: "enabled",
            header: "State",
            cell: ({ enabled, disabled_because: reason }) =>
              enabled ? (
                <StatusIndicator>Enabled</StatusIndicator>
              ) : (
                <StatusIndicator type={reason ? "error" : "stopped"}>Disabled{reason && `: ${reason}`}</StatusIndicator>
              ),
          },
          { id: "created", header: "Created", cell: ({ created }) => dateOf(created) },
        ]}
      />
      {isMaking && (
        <NewWebhook
          onClose={() => setMaking(false)}
          onMade={(webhook) => {
            setSecret(webhook.secret);
            reload();
          }}
        />
      )}
    </SpaceBetween>
  );
}
