/** A job's head: what, where, when. */

import Badge from "@cloudscape-design/components/badge";
import Container from "@cloudscape-design/components/container";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { ENDED, type Job } from "../api/kind";
import { StatusWord } from "../part/StatusWord";
import { To } from "../part/To";
import { countOf } from "../word/number";
import { dateOf, durationOf, secondsBetween } from "../word/time";

export function Summary({ job }: { job: Job }) {
  const optional = [
    job.tags.length > 0 && {
      label: "Tags",
      value: (
        <SpaceBetween direction="horizontal" size="xxs">
          {job.tags.map((tag) => (
            <Badge key={tag}>{tag}</Badge>
          ))}
        </SpaceBetween>
      ),
    },
    job.user_data !== null && { label: "User data", value: job.user_data },
    job.bundle_id !== null && {
      label: "Bundle",
      value: <To to={`/bundles/${job.bundle_id}`}>{job.bundle_id}</To>,
    },
    job.template_id !== null && {
      label: "Template",
      value: <To to={`/jobs?template_id=${encodeURIComponent(job.template_id)}`}>{job.template_id}</To>,
    },
    job.resubmitted_from !== null && {
      label: "Resubmitted from",
      value: <To to={`/jobs/${job.resubmitted_from}`}>{job.resubmitted_from}</To>,
    },
  ];
  return (
    <Container>
      <SpaceBetween size="l">
        {!ENDED.includes(job.status) && (
          <ProgressBar
            value={job.progress}
            label={job.status}
            description={
              job.queue_position === null ? undefined : `${countOf(job.queue_position)} jobs start before it`
            }
          />
        )}
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Status", value: <StatusWord status={job.status} /> },
            { label: "Attempt", value: job.attempt },
            { label: "Region", value: job.region },
            { label: "Priority", value: job.priority },
            { label: "Submitted", value: dateOf(job.submitted) },
            { label: "Waited", value: durationOf(secondsBetween(job.submitted, job.started ?? job.ended)) },
            { label: "Ran for", value: durationOf(job.duration ?? secondsBetween(job.started, job.ended)) },
            { label: job.expiry ? "Known until" : "Deadline", value: dateOf(job.expiry ?? job.deadline) },
            ...optional.filter((each) => each !== false),
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}
