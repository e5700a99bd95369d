/** How long jobs waited until they began. */

import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { durationOf, secondsBetween } from "../word/time";
import { quantile, type Slot } from "./slot";

export function Queue({ slots }: { slots: Slot[] }) {
  const waits = slots.map(({ label, jobs }) => ({
    label,
    seconds: jobs.filter(({ started }) => started).map((job) => secondsBetween(job.submitted, job.started) ?? 0),
  }));
  const bars = (title: string, part: number) => ({
    type: "bar" as const,
    title,
    data: waits.map(({ label, seconds }) => ({ x: label, y: Math.max(0, quantile(seconds, part) ?? 0) })),
    valueFormatter: durationOf,
  });
  const hasAny = waits.some(({ seconds }) => seconds.length > 0);
  return (
    <Container fitHeight header={<Header variant="h2">Time in the queue</Header>}>
      <BarChart
        hideFilter
        height={220}
        ariaLabel="How long jobs waited, by when they were submitted"
        xScaleType="categorical"
        xDomain={slots.map(({ label }) => label)}
        yTitle="Seconds"
        series={hasAny ? [bars("Half of them at most", 0.5), bars("95 % of them at most", 0.95)] : []}
        empty={<Box textAlign="center">No job has begun in this time</Box>}
        i18nStrings={{ xTickFormatter: (label) => label.replace(", ", "\n") }}
      />
    </Container>
  );
}
