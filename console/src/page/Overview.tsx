/** How the organization's jobs are doing: throughput, time in the queue, outcomes and cost. */

import Alert from "@cloudscape-design/components/alert";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useSearchParams } from "react-router-dom";
import type { JobRow } from "../api/kind";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { Costs } from "../chart/Costs";
import { Outcomes } from "../chart/Outcomes";
import { Queue } from "../chart/Queue";
import { Throughput } from "../chart/Throughput";
import { slotsOf } from "../chart/slot";
import { Shown } from "../part/Shown";
import { countOf } from "../word/number";

const SPANS = [
  { id: "hour", text: "1 hour", seconds: 3600, slots: 12 },
  { id: "day", text: "24 hours", seconds: 86_400, slots: 24 },
  { id: "week", text: "7 days", seconds: 604_800, slots: 14 },
  { id: "month", text: "31 days", seconds: 2_678_400, slots: 31 },
] as const;
/** The most jobs that are read for the charts, and how many at a time. */
const MANY = 1000;
const PAGE = 100;
const LOOK = 60;

export default function Overview() {
  const { client } = useSession();
  const [query, setQuery] = useSearchParams();
  const span = SPANS.find(({ id }) => id === query.get("span")) ?? SPANS[1];
  const live = useLive(
    span.id,
    async (signal) => {
      const end = Date.now();
      const submitted_after = new Date(end - span.seconds * 1000).toISOString();
      const jobs: JobRow[] = [];
      let token: string | undefined;
      do {
        const page = await client.get("/jobs", { query: { submitted_after, limit: PAGE, next_token: token }, signal });
        jobs.push(...page.jobs);
        token = page.next_token ?? undefined;
      } while (token && jobs.length < MANY);
      const { months } = await client.get("/metrics", { query: { first: lastMonths()[0] }, signal });
      return { jobs, months, end, isCut: token !== undefined };
    },
    () => LOOK,
  );
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={
          <SegmentedControl
            label="Jobs that were submitted in the last"
            selectedId={span.id}
            options={SPANS.map(({ id, text }) => ({ id, text }))}
            onChange={({ detail }) => setQuery({ span: detail.selectedId })}
          />
        }
      >
        Overview
      </Header>
      <Shown live={live}>
        {({ jobs, months, end, isCut }) => {
          const slots = slotsOf(jobs, end - span.seconds * 1000, end, span.slots);
          const wide = { colspan: { default: 12, s: 6 } };
          return (
            <SpaceBetween size="l">
              {isCut && <Alert>The charts are of the latest {countOf(jobs.length)} jobs; there are more.</Alert>}
              <Grid gridDefinition={[wide, wide, wide, wide]}>
                <Throughput slots={slots} />
                <Queue slots={slots} />
                <Outcomes jobs={jobs} />
                <Costs months={months} span={lastMonths()} />
              </Grid>
            </SpaceBetween>
          );
        }}
      </Shown>
    </SpaceBetween>
  );
}

/** The last twelve months, in UTC, such as `2026-01`. */
function lastMonths(): string[] {
  const now = new Date();
  return Array.from({ length: 12 }, (_nothing, place) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 11 + place, 1)).toISOString().slice(0, 7),
  );
}
