/** The organization's API keys. */

import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useSearchParams } from "react-router-dom";
import { useAct } from "../api/act";
import type { Key } from "../api/kind";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { NewKey } from "../part/NewKey";
import { Confirm } from "../part/Confirm";
import { Paging } from "../part/Paging";
import { Secret } from "../part/Secret";
import { Trouble } from "../part/Trouble";
import { dateOf } from "../word/time";

const PAGE = 50;

export default function Keys() {
  const { may } = useSession();
  if (may("ADMIN")) return <List />;
  return (
    <SpaceBetween size="l">
      <Header variant="h1">Keys</Header>
      <Alert>The keys of the organization can be seen with the role ADMIN.</Alert>
    </SpaceBetween>
  );
}

function List() {
  const { client } = useSession();
  const [query] = useSearchParams();
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<{ title: string; value: string }>();
  const [asked, setAsked] = useState<{ what: "rotate" | "revoke"; key: Key }>();
  const act = useAct();
  const token = query.get("token") ?? undefined;
  const { data, error, retryAt, reload } = useLive(token ?? "", (signal) =>
    client.get("/keys", { query: { limit: PAGE, next_token: token }, signal }),
  );
  const show = (title: string, value: string | undefined) => {
    if (value) setMade({ title, value });
    reload();
  };
  const run = async () => {
    if (!asked) return;
    const path = { id: asked.key.id };
    if (asked.what === "revoke") {
      await client.call("delete", "/keys/{id}", { path });
      reload();
    } else {
      const { data: next } = await client.call("post", "/keys/{id}/rotate", { path });
      show(`The new key of ${asked.key.user}`, next?.api_key);
    }
  };

  return (
    <SpaceBetween size="l">
      <Trouble error={error} retryAt={retryAt} onRetry={reload} />
      {made && <Secret {...made} onDismiss={() => setMade(undefined)} />}
      <Table
        variant="full-page"
        items={data?.keys ?? []}
        trackBy="id"
        wrapLines
        loading={data === undefined && error === undefined}
        loadingText="Loading keys…"
        ariaLabels={{ tableLabel: "Keys" }}
        header={
          <Header variant="h1" actions={<Button onClick={() => setMaking(true)}>Make a key</Button>}>
            Keys
          </Header>
        }
        pagination={<Paging nextToken={data?.next_token} />}
        empty={<Box textAlign="center">No keys.</Box>}
        columnDefinitions={[
          { id: "user", header: "User", isRowHeader: true, cell: ({ user }) => user },
          { id: "role", header: "Role", cell: ({ role, invitation }) => (invitation ? `${role}, invitation` : role) },
          { id: "prefix", header: "Begins with", cell: ({ prefix }) => <code>{prefix}</code> },
          { id: "state", header: "State", cell: (key) => <State of={key} /> },
          { id: "created", header: "Created", cell: ({ created }) => dateOf(created) },
          {
            id: "do",
            header: "",
            minWidth: 150,
            cell: (key) =>
              key.revoked === null && (
                <SpaceBetween direction="horizontal" size="xs">
                  {!key.invitation && key.replaced_by === null && (
                    <Button
                      variant="inline-link"
                      ariaLabel={`Rotate the key of ${key.user}`}
                      onClick={() => setAsked({ what: "rotate", key })}
                    >
                      Rotate
                    </Button>
                  )}
                  <Button
                    variant="inline-link"
                    ariaLabel={`Revoke the key of ${key.user}`}
                    onClick={() => setAsked({ what: "revoke", key })}
                  >
                    Revoke
                  </Button>
                </SpaceBetween>
              ),
          },
        ]}
      />
      {isMaking && (
        <NewKey onClose={() => setMaking(false)} onMade={(key) => show(`The key of ${key.user}`, key.api_key)} />
      )}
      {asked && (
        <Confirm
          title={asked.what === "revoke" ? "Revoke the key?" : "Rotate the key?"}
          word={asked.what === "revoke" ? "Revoke it" : "Rotate it"}
          act={act}
          work={run}
          onClose={() => setAsked(undefined)}
        >
          {asked.what === "revoke"
            ? `Within a minute, the ${asked.key.role} key of ${asked.key.user} has no role in the organization any more.`
            : `${asked.key.user} gets a new key of the same role; the old one stays valid for a day.`}
        </Confirm>
      )}
    </SpaceBetween>
  );
}

function State({ of: key }: { of: Key }) {
  if (key.revoked) {
    return (
      <>
        <StatusIndicator type="stopped">Revoked</StatusIndicator>
        <Box variant="small">{dateOf(key.revoked)}</Box>
      </>
    );
  }
  if (key.expires && Date.parse(key.expires) < Date.now()) {
    return (
      <>
        <StatusIndicator type="stopped">Expired</StatusIndicator>
        <Box variant="small">{dateOf(key.expires)}</Box>
      </>
    );
  }
  return (
    <>
      <StatusIndicator>{key.replaced_by ? "Valid, replaced" : "Valid"}</StatusIndicator>
      {key.expires && <Box variant="small">until {dateOf(key.expires)}</Box>}
    </>
  );
}
