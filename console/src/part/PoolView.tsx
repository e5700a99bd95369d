/** One pool: how full it is, what runs in it and what waits. */

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import type { Pool } from "../api/kind";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { countOf } from "../word/number";
import { durationOf, secondsBetween } from "../word/time";
import { Shown } from "./Shown";
import { StatusWord } from "./StatusWord";
import { To } from "./To";

const LOOK = 5;
/** Jobs that are shown of a pool. */
const MANY = 10;

export function PoolView({ pool, onChange }: { pool: Pool; onChange: () => void }) {
  const { client, may } = useSession();
  const { region } = pool;
  const live = useLive(
    region,
    async (signal) => {
      const listed = (status: "Running" | "Pending") =>
        client.get("/jobs", {
          query: { status: [status], region, sort: status === "Pending" ? "priority" : "started", limit: MANY },
          signal,
        });
      const [watched, running, pending] = await Promise.all([
        client.get("/pools/{region}", { path: { region }, signal }),
        listed("Running"),
        listed("Pending"),
      ]);
      return { watched, jobs: [...running.jobs, ...pending.jobs] };
    },
    () => LOOK,
  );
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <Button disabled={!may("ADMIN")} disabledReason="Needs the role ADMIN" onClick={onChange}>
              Change
            </Button>
          }
        >
          {region}
        </Header>
      }
    >
      <Shown live={live}>
        {({ watched, jobs }) => (
          <SpaceBetween size="m">
            <ProgressBar
              value={watched.capacity ? Math.min(100, (100 * watched.running) / watched.capacity) : 100}
              label={`${countOf(watched.running)} of ${countOf(watched.capacity)} running`}
              description={`${countOf(watched.pending)} waiting; priorities up to ${watched.max_priority}`}
            />
            {jobs.length === 0 ? (
              <Box>Nothing runs or waits here.</Box>
            ) : (
              <Table
                variant="embedded"
                items={jobs}
                trackBy="id"
                ariaLabels={{ tableLabel: `Jobs in ${region}` }}
                columnDefinitions={[
                  {
                    id: "job",
                    header: "Job",
                    isRowHeader: true,
                    cell: (job) => <To to={`/jobs/${job.id}`}>{job.input_name ?? job.id.slice(-12)}</To>,
                  },
                  { id: "status", header: "Status", cell: ({ status }) => <StatusWord status={status} /> },
                  { id: "priority", header: "Priority", cell: ({ priority }) => priority },
                  { id: "since", header: "For", cell: ({ submitted, started }) => durationOf(secondsBetween(started ?? submitted, null)) },
                ]}
                footer={<To to={`/jobs?region=${region}&status=Pending,Running`}>All of them</To>}
              />
            )}
          </SpaceBetween>
        )}
      </Shown>
    </Container>
  );
}
