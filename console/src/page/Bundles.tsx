/** The organization's bundles. */

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router-dom";
import { useAct } from "../api/act";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { Confirm } from "../part/Confirm";
import { Paging } from "../part/Paging";
import { To } from "../part/To";
import { Trouble } from "../part/Trouble";
import { dateOf } from "../word/time";

const PAGE = 25;

export default function Bundles() {
  const { client, may } = useSession();
  const [query, setQuery] = useSearchParams();
  const navigate = useNavigate();
  const [search, setSearch] = useState(query.get("search") ?? "");
  const [name, setName] = useState<string>();
  const making = useAct();
  const { data, error, retryAt, reload } = useLive(query.toString(), (signal) => {
    const asked = { search: query.get("search") ?? undefined, next_token: query.get("token") ?? undefined, limit: PAGE };
    return client.get("/bundles", { query: asked, signal });
  });
  const commit = (text: string) => text !== (query.get("search") ?? "") && setQuery(text ? { search: text } : {});
  const make = async () => {
    const { data: made } = await client.call("post", "/bundles", { body: { name: name ?? "" } });
    navigate(`/bundles/${made?.id}`);
  };

  return (
    <SpaceBetween size="l">
      <Trouble error={error} retryAt={retryAt} onRetry={reload} />
      <Table
        variant="full-page"
        items={data?.bundles ?? []}
        trackBy="id"
        loading={data === undefined && error === undefined}
        loadingText="Loading bundles…"
        ariaLabels={{ tableLabel: "Bundles" }}
        header={
          <Header
            variant="h1"
            description="Named groups of jobs."
            actions={
              <Button disabled={!may("CONFIG")} disabledReason="Needs the role CONFIG" onClick={() => setName("")}>
                Make a bundle
              </Button>
            }
          >
            Bundles
          </Header>
        }
        filter={
          <Input
            type="search"
            ariaLabel="A part of the name"
            placeholder="A part of the name"
            value={search}
            onChange={({ detail }) => {
              setSearch(detail.value);
              if (detail.value === "") commit("");
            }}
            onKeyDown={({ detail }) => detail.key === "Enter" && commit(search.trim())}
            onBlur={() => commit(search.trim())}
          />
        }
        pagination={<Paging nextToken={data?.next_token} />}
        empty={<Box textAlign="center">{query.has("search") ? "No bundle has this in its name." : "No bundles yet."}</Box>}
        columnDefinitions={[
          { id: "name", header: "Name", isRowHeader: true, cell: ({ id, name: each }) => <To to={`/bundles/${id}`}>{each}</To> },
          { id: "number", header: "Number", cell: ({ number }) => number },
          { id: "created", header: "Created", cell: ({ created }) => dateOf(created) },
          { id: "by", header: "By the key", cell: ({ created_by: by }) => by },
        ]}
      />
      {name !== undefined && (
        <Confirm
          title="Make a bundle"
          word="Make it"
          act={making}
          work={make}
          isIncomplete={!name.trim()}
          onClose={() => setName(undefined)}
        >
          <FormField label="Name" constraintText="Unique in the organization. A bundle stays.">
            <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value)} />
          </FormField>
        </Confirm>
      )}
    </SpaceBetween>
  );
}
