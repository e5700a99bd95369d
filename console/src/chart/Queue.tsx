/** How long jobs waited until they began. */

import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import LineChart from "@cloudscape-design/components/line-chart";
import { durationOf, secondsBetween, shortDateOf } from "../word/time";
import { quantile, type Slot } from "./slot";

export function Queue({ slots }: { slots: Slot[] }) {
  const waits = slots.map(({ begin, jobs }) => ({
    begin,
    seconds: jobs.filter(({ started }) => started).map((job) => secondsBetween(job.submitted, job.started) ?? 0),
  }));
  const line = (part: number) =>
    waits.flatMap(({ begin, seconds }) => {
      const y = quantile(seconds, part);
      return y === null ? [] : [{ x: begin, y: Math.max(0, y) }];
    });
  const hasAny = waits.some(({ seconds }) => seconds.length > 0);
  return (
    <Container fitHeight header={<Header variant="h2">Time in the queue</Header>}>
      <LineChart
        hideFilter
        height={220}
        ariaLabel="How long jobs waited, by when they were submitted"
        xScaleType="time"
        xDomain={[slots[0]?.begin ?? new Date(), new Date((slots.at(-1)?.begin ?? new Date()).getTime() + 1)]}
        yDomain={[0, Math.max(1, ...waits.flatMap(({ seconds }) => seconds))]}
        yTitle="Seconds"
        series={
          hasAny
            ? [
                { type: "line", title: "Half of them at most", data: line(0.5), valueFormatter: durationOf },
                { type: "line", title: "95 % of them at most", data: line(0.95), valueFormatter: durationOf },
              ]
            : []
        }
        empty={<Box textAlign="center">No job has begun in this time</Box>}
        i18nStrings={{ xTickFormatter: (time) => shortDateOf(time).replace(", ", "\n") }}
      />
    </Container>
  );
}
