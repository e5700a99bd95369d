/** The columns of a list of jobs. */

import Badge from "@cloudscape-design/components/badge";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { TableProps } from "@cloudscape-design/components/table";
import type { JobRow } from "../api/kind";
import { StatusWord } from "../part/StatusWord";
import { To } from "../part/To";
import { dateOf, durationOf, secondsBetween, shortDateOf } from "../word/time";

export const COLUMNS: TableProps.ColumnDefinition<JobRow>[] = [
  {
    id: "id",
    header: "Job",
    isRowHeader: true,
    cell: (job) => <To to={`/jobs/${job.id}`}>{job.input_name ?? job.id.slice(-12)}</To>,
    sortingField: "input_name",
    minWidth: 130,
  },
  {
    id: "status",
    header: "Status",
    cell: (job) => (
      <>
        <StatusWord status={job.status} />
        {job.failure_code && <div>{job.failure_code}</div>}
      </>
    ),
    sortingField: "status",
    minWidth: 110,
  },
  { id: "tools", header: "Tools", cell: (job) => job.tools.join(", "), sortingField: "tools", minWidth: 150 },
  {
    id: "tags",
    header: "Tags",
    cell: (job) => (
      <SpaceBetween direction="horizontal" size="xxs">
        {job.tags.map((tag) => (
          <Badge key={tag}>{tag}</Badge>
        ))}
      </SpaceBetween>
    ),
    sortingField: "tags",
  },
  {
    id: "submitted",
    header: "Submitted",
    cell: (job) => (
      <time dateTime={job.submitted} title={dateOf(job.submitted)}>
        {shortDateOf(job.submitted)}
      </time>
    ),
    sortingField: "submitted",
    minWidth: 130,
  },
  {
    id: "duration",
    header: "Ran for",
    cell: (job) => durationOf(job.duration ?? secondsBetween(job.started, job.ended)),
    sortingField: "duration",
    minWidth: 115,
  },
  { id: "priority", header: "Priority", cell: (job) => job.priority, sortingField: "priority" },
  { id: "region", header: "Region", cell: (job) => job.region, sortingField: "region", minWidth: 110 },
];
