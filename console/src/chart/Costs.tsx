/** What jobs cost, month by month. */

import BarChart from "@cloudscape-design/components/bar-chart";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import type { Month } from "../api/kind";
import { dollarsOf } from "../word/number";

export function Costs({ months, span }: { months: Month[]; span: string[] }) {
  return (
    <Container fitHeight header={<Header variant="h2" description="Estimated at list price.">Cost</Header>}>
      <BarChart
        hideFilter
        hideLegend
        height={200}
        ariaLabel="Cost by month"
        xScaleType="categorical"
        xDomain={span}
        yTitle="US dollars"
        series={
          months.length
            ? [
                {
                  type: "bar",
                  title: "Cost",
                  data: months.map(({ month, cost_usd: cost }) => ({ x: month, y: cost })),
                  valueFormatter: dollarsOf,
                },
              ]
            : []
        }
        i18nStrings={{ yTickFormatter: dollarsOf }}
        empty={<Box textAlign="center">Nothing was consumed in the last twelve months</Box>}
      />
    </Container>
  );
}
