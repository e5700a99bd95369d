/** The organization's jobs: filtered, sorted, page by page, as they change. */

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useNavigate, useSearchParams } from "react-router-dom";
import type { Asked } from "../api/client";
import { ENDED } from "../api/kind";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { Filter } from "../job/Filter";
import { COLUMNS } from "../job/column";
import { askedBy } from "../job/query";
import { Paging } from "../part/Paging";
import { Trouble } from "../part/Trouble";

type Page = NonNullable<Asked<"get", "/jobs">["query"]>;

/** Seconds between two looks while a job of the page is on its way, and when all have ended. */
const SOON = 4;
const LATER = 15;

export default function Jobs() {
  const { client, may } = useSession();
  const [query, setQuery] = useSearchParams();
  const navigate = useNavigate();
  const asked: Page = askedBy(query);
  const { data, error, retryAt, reload } = useLive(
    query.toString(),
    (signal) => client.get("/jobs", { query: asked, signal }),
    ({ jobs }) => (jobs.every((job) => ENDED.includes(job.status)) ? LATER : SOON),
  );
  const sorted = COLUMNS.find((column) => column.sortingField === (asked.sort ?? "submitted"));
  const isFiltered = [...query.keys()].some((name) => !["sort", "direction", "page", "token"].includes(name));

  return (
    <SpaceBetween size="l">
      <Trouble error={error} retryAt={retryAt} onRetry={reload} />
      <Table
        variant="full-page"
        stickyHeader
        enableKeyboardNavigation
        wrapLines
        trackBy="id"
        items={data?.jobs ?? []}
        columnDefinitions={COLUMNS}
        loading={data === undefined && error === undefined}
        loadingText="Loading jobs…"
        sortingColumn={sorted}
        sortingDescending={(asked.direction ?? "desc") === "desc"}
        onSortingChange={({ detail }) => {
          const next = new URLSearchParams(query);
          for (const name of ["page", "token"]) next.delete(name);
          next.set("sort", detail.sortingColumn.sortingField ?? "submitted");
          next.set("direction", detail.isDescending ? "desc" : "asc");
          setQuery(next);
        }}
        header={
          <Header
            variant="awsui-h1-sticky"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button iconName="refresh" ariaLabel="Load the list again" onClick={reload} />
                <Button variant="primary" disabled={!may("SUBMIT")} onClick={() => navigate("/submit")}>
                  Submit a job
                </Button>
              </SpaceBetween>
            }
          >
            Jobs
          </Header>
        }
        filter={<Filter />}
        pagination={<Paging nextToken={data?.next_token} isLoading={data === undefined} />}
        empty={
          // While the list cannot be had, nobody knows.
          data && (
            <Box textAlign="center" padding="l">
              <Box variant="strong">{isFiltered ? "No job fits" : "No jobs yet"}</Box>
              <Box padding={{ vertical: "s" }}>
                {isFiltered && data?.next_token ? "None on this page; there are more." : null}
                {isFiltered
                  ? null
                  : "Jobs stay here for 31 days. Drop a job's JSON file on the next page, or begin with an example."}
              </Box>
              {isFiltered ? (
                <Button onClick={() => setQuery({})}>Show all jobs</Button>
              ) : (
                <Button disabled={!may("SUBMIT")} onClick={() => navigate("/submit")}>
                  Submit a job
                </Button>
              )}
            </Box>
          )
        }
        ariaLabels={{ tableLabel: "Jobs" }}
      />
    </SpaceBetween>
  );
}
