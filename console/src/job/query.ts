/** How the address of a list of jobs says which of them are wanted. */

import type { Asked } from "../api/client";

type Wanted = NonNullable<Asked<"get", "/jobs">["query"]>;

/** The filters that stand in the address under the names that the API has for them. */
export const TEXTS = ["tag", "input_name", "user_data", "region", "bundle_id", "template_id"] as const;

const SECONDS = { minute: 60, hour: 3600, day: 86_400, week: 604_800 } as const;

export type Unit = keyof typeof SECONDS;
export const UNITS = Object.keys(SECONDS) as Unit[];

/** A span of time up to now. */
export interface Span {
  amount: number;
  unit: Unit;
}

/** A span as it stands in the address, such as `7-day`; undefined if it is none. */
export function spanOf(text: string | null): Span | undefined {
  const [, amount, unit] = /^(\d{1,4})-(minute|hour|day|week)$/.exec(text ?? "") ?? [];
  return amount && unit ? { amount: Number(amount), unit: unit as Unit } : undefined;
}

export const PAGE = 25;

/** What GET /jobs is asked; the begin of a span moves along with the clock, except on later pages. */
export function askedBy(address: URLSearchParams): Wanted {
  const text = (name: string) => address.get(name) ?? undefined;
  const span = spanOf(address.get("since"));
  const token = text("token");
  return {
    status: address.get("status")?.split(",") as Wanted["status"],
    tool: text("tool"),
    ...Object.fromEntries(TEXTS.map((name) => [name, text(name)])),
    submitted_after: text("submitted_after") ?? (span && minuteBefore(span.amount * SECONDS[span.unit])),
    submitted_before: text("submitted_before"),
    in_progress: address.get("in_progress") === "true" ? true : undefined,
    sort: text("sort") as Wanted["sort"],
    direction: text("direction") as Wanted["direction"],
    limit: PAGE,
    next_token: token,
  };
}

function minuteBefore(seconds: number): string {
  return new Date(Math.floor((Date.now() - seconds * 1000) / 60_000) * 60_000).toISOString();
}
