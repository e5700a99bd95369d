/** One webhook: what it is told of, and what became of each message. */

import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { useNavigate, useParams } from "react-router-dom";
import { useAct } from "../api/act";
import type { Asked } from "../api/client";
import type { Webhook as WebhookKind } from "../api/kind";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { Confirm } from "../part/Confirm";
import { Deliveries } from "../part/Deliveries";
import { Secret } from "../part/Secret";
import { Shown } from "../part/Shown";
import { Trouble } from "../part/Trouble";
import { dateOf } from "../word/time";

export default function Webhook() {
  const { id = "" } = useParams();
  const { client, may } = useSession();
  const navigate = useNavigate();
  const [asked, setAsked] = useState<"rotate" | "delete">();
  const [secret, setSecret] = useState<string>();
  const [pings, setPings] = useState(0);
  const act = useAct();
  const asking = useAct();
  const path = { id };
  const live = useLive(id, (signal) => client.get("/webhooks/{id}", { path, signal }));

  const ping = () => act.run(() => client.call("post", "/webhooks/{id}/ping", { path }).then(() => setPings(pings + 1)));
  const toggle = (webhook: WebhookKind) =>
    act.run(async () => {
      const { url, events, description, format, credentials, enabled } = webhook;
      const body = { url, events, description, format, credentials, enabled: !enabled };
      await client.call("put", "/webhooks/{id}", { path, body: body as Asked<"put", "/webhooks/{id}">["body"] });
      live.reload();
    });
  const run = async () => {
    if (asked === "delete") {
      await client.call("delete", "/webhooks/{id}", { path });
      navigate("/webhooks");
    } else {
      const { data } = await client.call("post", "/webhooks/{id}/rotate", { path });
      setSecret(data?.secret);
      live.reload();
    }
  };

  return (
    <Shown live={live}>
      {(webhook) => (
        <SpaceBetween size="l">
          <Header
            variant="h1"
            description={webhook.description ?? undefined}
            actions={
              may("CONFIG") && (
                <SpaceBetween direction="horizontal" size="xs">
                  <Button loading={act.isBusy} onClick={() => void ping()}>
                    Send a ping
                  </Button>
                  <Button loading={act.isBusy} onClick={() => void toggle(webhook)}>
                    {webhook.enabled ? "Disable" : "Enable"}
                  </Button>
                  <Button onClick={() => setAsked("rotate")}>New secret</Button>
                  <Button onClick={() => setAsked("delete")}>Delete</Button>
                </SpaceBetween>
              )
            }
          >
            {webhook.url}
          </Header>
          {secret && <Secret title="The new signing secret" value={secret} onDismiss={() => setSecret(undefined)} />}
          <Trouble error={act.error} onDismiss={act.clear} />
          {webhook.disabled_because && (
            <Alert type="warning" header="The service has disabled it">
              {webhook.disabled_because}
            </Alert>
          )}
          <Container>
            <KeyValuePairs
              columns={3}
              items={[
                { label: "State", value: webhook.enabled ? "Enabled" : "Disabled" },
                { label: "Is told of", value: webhook.events.join(", ") },
                { label: "In the words of", value: webhook.format },
                { label: "Credentials", value: webhook.credentials ? "sealed" : "none" },
                { label: "Created", value: dateOf(webhook.created) },
                { label: "The secret before is valid until", value: dateOf(webhook.previous_secret_until) },
              ]}
            />
          </Container>
          <Deliveries key={pings} webhook={id} />
          {asked && (
            <Confirm
              title={asked === "delete" ? "Delete the webhook?" : "Make a new signing secret?"}
              word={asked === "delete" ? "Delete it" : "Make it"}
              act={asking}
              work={run}
              onClose={() => setAsked(undefined)}
            >
              {asked === "delete"
                ? "What it is still owed is not delivered."
                : "For a day, messages are signed with the old secret, too."}
            </Confirm>
          )}
        </SpaceBetween>
      )}
    </Shown>
  );
}
