/** A job as it could be submitted again, and what was changed of it. */

import type { Job } from "../api/kind";

type Fields = Record<string, unknown>;

/** What asks for the job again; secrets are sealed. */
export function orderOf(job: Job): Fields {
  return {
    tasks: job.tasks.map(({ tool, parameters, retry, timeout_seconds, executor }) => ({
      ...{ tool, parameters, retry, timeout_seconds, executor },
    })),
    region: job.region,
    priority: job.priority,
    tags: job.tags,
    user_data: job.user_data,
    bundle_id: job.bundle_id,
    notify: job.notify.map(({ url, on, format, credentials }) => ({ url, on, format, credentials })),
  };
}

/** The JSON Merge Patch (RFC 7396), field by field, that makes the one of the other; null if there is nothing. */
export function patchOf(before: Fields, after: Fields): Fields | null {
  const patch: Fields = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (JSON.stringify(before[name]) === JSON.stringify(after[name])) continue;
    patch[name] = name in after ? after[name] : null;
  }
  return Object.keys(patch).length ? patch : null;
}
