/** What a job has consumed. */

import Box from "@cloudscape-design/components/box";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import { ENDED, type Job } from "../api/kind";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { Shown } from "../part/Shown";
import { dollarsOf, figureOf } from "../word/number";

export function Consumption({ job }: { job: Job }) {
  if (!ENDED.includes(job.status)) return <Box>The figures are there when the job has ended.</Box>;
  return <Figures job={job} />;
}

function Figures({ job }: { job: Job }) {
  const { client } = useSession();
  const live = useLive(`${job.id} ${job.attempt} ${job.ended}`, (signal) =>
    client.get("/jobs/{id}/metrics", { path: { id: job.id }, signal }),
  );
  return (
    <Shown live={live}>
      {(figures) => (
        <KeyValuePairs
          columns={3}
          items={[
            { label: "Compute units", value: figureOf(figures.cus) },
            { label: "Cost, estimated at list price", value: dollarsOf(figures.cost_usd) },
            { label: "Minutes of video in", value: figureOf(figures.video_minutes_in) },
            { label: "Minutes of video out", value: figureOf(figures.video_minutes_out) },
            { label: "GB in", value: figureOf(figures.gb_in) },
            { label: "GB out", value: figureOf(figures.gb_out) },
          ]}
        />
      )}
    </Shown>
  );
}
