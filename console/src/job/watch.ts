/** A job as it changes: the service answers as soon as something has changed, and with nothing if nothing has. */

import { useRef } from "react";
import type { Client } from "../api/client";
import { ENDED, type Job } from "../api/kind";
import { useLive, type Live } from "../api/live";

/** Seconds that the service may wait for a change. */
const WAIT = 20;
/** Seconds before the next call. */
const SOON = 1;
const LATER = 30;
/** Milliseconds for which a link that was given is shown on: a player would begin anew with another one. */
const KEEP_LINK = 10 * 60_000;

interface Watched {
  job: Job;
  etag: string | undefined;
}

const given = new Map<string, { url: string; at: number }>();

export function useJob(client: Client, id: string): Live<Watched> & { renew: () => void } {
  const isForgotten = useRef(false);
  const live = useLive<Watched>(
    id,
    async (signal, before) => {
      const known = isForgotten.current ? undefined : before;
      isForgotten.current = false;
      const isOver = known !== undefined && ENDED.includes(known.job.status);
      const headers: Record<string, string> = {
        ...(known?.etag ? { "If-None-Match": known.etag } : {}),
        ...(known && !isOver ? { Prefer: `wait=${WAIT}` } : {}),
      };
      const { data, etag } = await client.call("get", "/jobs/{id}", { path: { id }, headers, signal });
      if (data) return { job: withSteadyLinks(data), etag };
      if (!known) throw new Error("The service answered nothing");
      return known;
    },
    ({ job }) => (ENDED.includes(job.status) ? LATER : SOON),
  );
  // The service tells an unchanged job's new links only to who does not name its state.
  const renew = () => {
    isForgotten.current = true;
    forgetLinks(id);
    live.reload();
  };
  return { ...live, renew };
}

/** Forget the links of a job: they work no more. */
function forgetLinks(id: string): void {
  for (const place of given.keys()) if (place.startsWith(id)) given.delete(place);
}

function withSteadyLinks(job: Job): Job {
  const now = Date.now();
  const tasks = job.tasks.map((task) => ({
    ...task,
    files: task.files.map((file) => {
      if (!file.url) return file;
      const place = `${job.id} ${new URL(file.url).pathname}`;
      const kept = given.get(place);
      if (kept && now - kept.at < KEEP_LINK) return { ...file, url: kept.url };
      given.set(place, { url: file.url, at: now });
      return file;
    }),
  }));
  return { ...job, tasks };
}
