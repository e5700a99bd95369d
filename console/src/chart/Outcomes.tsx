/** How jobs ended, and why those failed that did. */

import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import PieChart from "@cloudscape-design/components/pie-chart";
import { ENDED, type JobRow } from "../api/kind";
import { countOf } from "../word/number";
import { COLORS } from "./color";

export function Outcomes({ jobs }: { jobs: JobRow[] }) {
  const ended = jobs.filter(({ status }) => ENDED.includes(status));
  const counts = new Map<string, number>();
  for (const { status, failure_code: code } of ended) {
    const title = status === "Failed" && code ? `Failed: ${code}` : status;
    counts.set(title, (counts.get(title) ?? 0) + 1);
  }
  const data = [...counts].map(([title, value]) => ({ title, value, color: COLORS[title] }));
  return (
    <Container fitHeight header={<Header variant="h2">Outcomes</Header>}>
      <PieChart
        hideFilter
        variant="donut"
        size="medium"
        ariaLabel="How jobs ended"
        data={data.toSorted((one, other) => other.value - one.value)}
        innerMetricValue={countOf(ended.length)}
        innerMetricDescription="ended"
        segmentDescription={({ value }, sum) => `${countOf(value)}, ${Math.round((100 * value) / sum)} %`}
        empty={<Box textAlign="center">No job has ended in this time</Box>}
      />
    </Container>
  );
}
