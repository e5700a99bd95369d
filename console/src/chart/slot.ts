/** Jobs by the part of a span of time in which they were submitted. */

import type { JobRow } from "../api/kind";
import { shortDateOf } from "../word/time";

export interface Slot {
  begin: Date;
  label: string;
  jobs: JobRow[];
}

export function slotsOf(jobs: JobRow[], begin: number, end: number, count: number): Slot[] {
  const length = (end - begin) / count;
  const slots = Array.from({ length: count }, (_nothing, place): Slot => {
    const time = new Date(begin + place * length);
    return { begin: time, label: shortDateOf(time), jobs: [] };
  });
  for (const job of jobs) {
    const place = Math.floor((Date.parse(job.submitted) - begin) / length);
    slots[Math.min(Math.max(place, 0), count - 1)]?.jobs.push(job);
  }
  return slots;
}

/** The value below which so much of them (0 to 1) is; null of none. */
export function quantile(values: number[], part: number): number | null {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? null;
}
