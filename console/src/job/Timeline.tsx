/** The tasks of a job on one scale of time. */

import Box from "@cloudscape-design/components/box";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import Table from "@cloudscape-design/components/table";
import Header from "@cloudscape-design/components/header";
import type { Job, Task } from "../api/kind";
import { StatusWord } from "../part/StatusWord";
import { countOf } from "../word/number";
import { durationOf, secondsBetween } from "../word/time";
import "./timeline.css";

export function Timeline({ job }: { job: Job }) {
  const begin = Date.parse(job.started ?? job.submitted);
  const end = Math.max(job.ended ? Date.parse(job.ended) : Date.now(), begin + 1);
  return (
    <Table
      header={
        <Header variant="h2" counter={`(${job.tasks.length})`}>
          Tasks
        </Header>
      }
      items={job.tasks}
      trackBy="index"
      wrapLines
      ariaLabels={{ tableLabel: "Tasks" }}
      columnDefinitions={[
        { id: "index", header: "#", cell: (task) => task.index, width: 50 },
        {
          id: "tool",
          header: "Tool",
          isRowHeader: true,
          cell: (task) => (
            <>
              {task.tool}
              {task.executor !== "lambda" && <div>in {task.executor}</div>}
            </>
          ),
          minWidth: 140,
        },
        { id: "status", header: "Status", cell: (task) => <TaskStatus task={task} />, minWidth: 130 },
        {
          id: "time",
          header: "Timeline",
          cell: (task) => <Span task={task} begin={begin} end={end} />,
          minWidth: 180,
        },
        { id: "took", header: "Took", cell: (task) => durationOf(secondsBetween(task.started, task.ended)), minWidth: 80 },
        { id: "tries", header: "Tries", cell: (task) => countOf(task.tries) },
      ]}
    />
  );
}

function TaskStatus({ task }: { task: Task }) {
  return (
    <>
      <StatusWord status={task.status} />
      {task.error && (
        <Box variant="small">
          {task.error.code}: {task.error.message}
        </Box>
      )}
    </>
  );
}

function Span({ task, begin, end }: { task: Task; begin: number; end: number }) {
  if (task.status === "Running") {
    return <ProgressBar value={task.progress} ariaLabel={`Progress of task ${task.index}`} />;
  }
  if (!task.started) return <span>–</span>;
  const from = (Date.parse(task.started) - begin) / (end - begin);
  const to = ((task.ended ? Date.parse(task.ended) : end) - begin) / (end - begin);
  const start = Math.min(Math.max(from, 0), 1) * 100;
  const width = Math.max(Math.min(to, 1) * 100 - start, 0.75);
  return (
    <div
      className="timeline"
      role="img"
      aria-label={`From ${durationOf(from * ((end - begin) / 1000))} to ${durationOf(to * ((end - begin) / 1000))} of the job`}
    >
      <div
        className={`timeline-span timeline-${task.status.toLowerCase()}`}
        style={{ marginInlineStart: `${Math.min(start, 99)}%`, inlineSize: `${width}%` }}
      />
    </div>
  );
}
