/** What a dry run says that a submission would make. */

import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import type { Plan } from "../api/kind";
import { countOf, dollarsOf, sizeOf } from "../word/number";
import { durationOf } from "../word/time";

export function PlanView({ plan }: { plan: Plan }) {
  const { job, pool, estimate, checks } = plan;
  const before = plan.queue_position;
  return (
    <Container
      header={
        <Header variant="h2" description="Nothing has been stored or started.">
          Plan
        </Header>
      }
    >
      <SpaceBetween size="l">
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Region", value: plan.region },
            { label: "Pool", value: `${pool.running} of ${pool.capacity} running, ${countOf(pool.pending)} waiting` },
            { label: "Starts", value: before === 0 ? "next" : before === null ? "after more than 1,000 jobs" : `after ${countOf(before)} jobs` },
            { label: "Priority", value: job.priority },
            { label: "Will take about", value: durationOf(estimate.seconds) },
            { label: "Will cost about", value: dollarsOf(estimate.cost_usd) },
            { label: "Estimate", value: estimate.basis },
          ]}
        />
        <Table
          variant="embedded"
          header={<Header variant="h3">Tasks</Header>}
          items={job.tasks}
          trackBy="index"
          columnDefinitions={[
            { id: "index", header: "#", cell: (task) => task.index },
            { id: "tool", header: "Tool", cell: (task) => task.tool, isRowHeader: true },
            { id: "executor", header: "Runs in", cell: (task) => task.executor },
            { id: "seconds", header: "Takes about", cell: (task) => durationOf(estimate.tasks[task.index]?.seconds) },
            { id: "basis", header: "Rests on", cell: (task) => estimate.tasks[task.index]?.basis ?? "–" },
          ]}
          wrapLines
        />
        {checks.length > 0 && (
          <Table
            variant="embedded"
            header={<Header variant="h3">Sources and destinations</Header>}
            items={checks}
            trackBy="pointer"
            columnDefinitions={[
              {
                id: "ok",
                header: "Found",
                cell: ({ ok }) => (
                  <StatusIndicator type={ok === null ? "info" : ok ? "success" : "error"}>
                    {ok === null ? "Only the transfer will tell" : ok ? "Yes" : "No"}
                  </StatusIndicator>
                ),
              },
              { id: "url", header: "Place", cell: ({ kind, url }) => `${kind} ${url}`, isRowHeader: true },
              { id: "bytes", header: "Size", cell: ({ bytes }) => sizeOf(bytes) },
              { id: "detail", header: "What was found", cell: ({ detail }) => detail },
            ]}
            wrapLines
          />
        )}
      </SpaceBetween>
    </Container>
  );
}
