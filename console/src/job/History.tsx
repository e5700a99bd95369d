/** What has happened to a job, event by event. */

import Table from "@cloudscape-design/components/table";
import type { Event, Job } from "../api/kind";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { Shown } from "../part/Shown";
import { StatusWord } from "../part/StatusWord";
import { dateOf } from "../word/time";

const PAGE = 100;

export function History({ job }: { job: Job }) {
  const { client } = useSession();
  // Events are written together with what changes the job.
  const state = [job.status, job.attempt, ...job.tasks.map((task) => `${task.status}${task.tries}`)].join();
  const live = useLive(`${job.id} ${state}`, async (signal) => {
    const events: Event[] = [];
    for (;;) {
      const query = { after: events.at(-1)?.sequence ?? 0, limit: PAGE };
      const page = await client.get("/jobs/{id}/events", { path: { id: job.id }, query, signal });
      events.push(...page.events);
      if (page.events.length < PAGE) return events;
    }
  });
  return (
    <Shown live={live}>
      {(events) => (
        <Table
          variant="embedded"
          items={events.toReversed()}
          trackBy={({ sequence }) => String(sequence)}
          wrapLines
          ariaLabels={{ tableLabel: "Events" }}
          columnDefinitions={[
            { id: "sequence", header: "#", cell: ({ sequence }) => sequence, isRowHeader: true },
            { id: "time", header: "Time", cell: ({ time }) => dateOf(time) },
            { id: "attempt", header: "Attempt", cell: ({ attempt }) => attempt },
            { id: "status", header: "Job", cell: ({ status }) => <StatusWord status={status} /> },
            {
              id: "task",
              header: "Task",
              cell: ({ task, task_status: status }) =>
                task === null ? "–" : <>{task} {status && <StatusWord status={status} />}</>,
            },
            { id: "reason", header: "Why", cell: ({ reason }) => reason ?? "–" },
            { id: "by", header: "By", cell: ({ by }) => by },
          ]}
        />
      )}
    </Shown>
  );
}
