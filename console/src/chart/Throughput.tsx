/** How many jobs came, and what became of them. */

import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import type { Status } from "../api/kind";
import { countOf } from "../word/number";
import { COLORS } from "./color";
import type { Slot } from "./slot";

const STATUSES: readonly Status[] = ["Success", "Failed", "Cancelled", "Running", "Pending"];

export function Throughput({ slots }: { slots: Slot[] }) {
  const seen = STATUSES.filter((status) => slots.some(({ jobs }) => jobs.some((job) => job.status === status)));
  return (
    <Container fitHeight header={<Header variant="h2">Throughput</Header>}>
      <BarChart
        stackedBars
        hideFilter
        height={220}
        ariaLabel="Jobs by when they were submitted"
        xScaleType="categorical"
        xDomain={slots.map(({ label }) => label)}
        yTitle="Jobs"
        series={seen.map((status) => ({
          type: "bar",
          title: status,
          color: COLORS[status],
          data: slots.map(({ label, jobs }) => ({ x: label, y: jobs.filter((job) => job.status === status).length })),
        }))}
        empty={<Box textAlign="center">No jobs in this time</Box>}
        i18nStrings={{
          xTickFormatter: (label) => label.replace(", ", "\n"),
          // There are no parts of a job.
          yTickFormatter: (count) => (Number.isInteger(count) ? countOf(count) : ""),
        }}
      />
    </Container>
  );
}
