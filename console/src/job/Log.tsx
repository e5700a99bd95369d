/** What a task's tool says, as it says it; the service lets a key read logs 20 times a minute. */

import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Toggle from "@cloudscape-design/components/toggle";
import { useEffect, useRef, useState } from "react";
import { ENDED, type Job, type LogLine } from "../api/kind";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { Shown } from "../part/Shown";
import "./log.css";

/** Seconds between two calls: 20 a minute are allowed, and other readers have the same key. */
const NEXT_PAGE = 1;
const TAIL = 8;
/** The most lines that stay in the page. */
const KEPT = 5000;

interface Tail {
  lines: LogLine[];
  /** Where to go on reading. */
  token: string | undefined;
  isAtEnd: boolean;
  /** It was at its end after the task had ended: lines arrive a little late. */
  isWhole: boolean;
}

export function Log({ job }: { job: Job }) {
  const busy = job.tasks.find(({ status }) => status === "Running" || status === "Failed");
  const [chosen, setChosen] = useState<number>();
  const index = chosen ?? busy?.index ?? 0;
  const options = job.tasks.map((task) => ({ value: String(task.index), label: `${task.index} ${task.tool}` }));
  return (
    <SpaceBetween size="m">
      <FormField label="Task">
        <Select
          options={options}
          selectedOption={options[index] ?? null}
          onChange={({ detail }) => setChosen(Number(detail.selectedOption.value))}
        />
      </FormField>
      <Lines key={`${job.attempt} ${index}`} job={job} index={index} />
    </SpaceBetween>
  );
}

function Lines({ job, index }: { job: Job; index: number }) {
  const { client } = useSession();
  const [isFollowed, setFollowed] = useState(true);
  const hasEnded = ENDED.includes(job.tasks[index]?.status ?? "Skipped") || ENDED.includes(job.status);
  const wasEnded = useRef(hasEnded);
  wasEnded.current = hasEnded;
  const live = useLive<Tail>(
    `${job.id} ${job.attempt} ${index} ${isFollowed}`,
    async (signal, known) => {
      const token = known?.token;
      const page = await client.get("/jobs/{id}/tasks/{index}/logs", {
        path: { id: job.id, index },
        query: { next_token: token },
        signal,
      });
      const isAtEnd = page.next_token === null;
      return {
        lines: [...(known?.lines ?? []), ...page.logs].slice(-KEPT),
        token: page.next_token ?? token,
        isAtEnd,
        isWhole: isAtEnd && wasEnded.current && known?.isAtEnd === true,
      };
    },
    ({ isAtEnd, isWhole }) => (isWhole || (isAtEnd && !isFollowed) ? null : isAtEnd ? TAIL : NEXT_PAGE),
  );
  const end = useRef<HTMLDivElement>(null);
  const count = live.data?.lines.length;
  useEffect(() => {
    if (isFollowed && end.current) end.current.scrollTop = end.current.scrollHeight;
  }, [count, isFollowed]);

  return (
    <Shown live={live}>
      {({ lines, isWhole }) => (
        <SpaceBetween size="s">
          {!isWhole && (
            <Toggle checked={isFollowed} onChange={({ detail }) => setFollowed(detail.checked)}>
              Follow
            </Toggle>
          )}
          {lines.length === 0 ? (
            <Box>{hasEnded ? "It has said nothing." : "Nothing yet: lines come some seconds after they are written."}</Box>
          ) : (
            // What scrolls can be scrolled with keys only if it can have the focus.
            <div className="log" role="log" aria-label="Log" aria-live="off" tabIndex={0} ref={end}>
              <ol>
                {lines.map((line, place) => (
                  <li key={place} className={`log-${line.level.toLowerCase()}`}>
                    <time dateTime={line.timestamp}>{line.timestamp.slice(11, 23)}</time> {line.level} {line.message}
                  </li>
                ))}
              </ol>
            </div>
          )}
        </SpaceBetween>
      )}
    </Shown>
  );
}
