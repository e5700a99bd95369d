/** How the address of a list of jobs says which of them are wanted. */

import type { Asked } from "../api/client";

type Wanted = NonNullable<Asked<"get", "/jobs">["query"]>;

/** The filters that stand in the address under the names that the API has for them. */
export const TEXTS = ["tag", "input_name", "user_data", "region", "bundle_id", "template_id"] as const;

/** The last so many seconds, by their word in the address. */
export const SPANS: Readonly<Record<string, { label: string; seconds: number }>> = {
  hour: { label: "The last hour", seconds: 3600 },
  day: { label: "The last 24 hours", seconds: 86_400 },
  week: { label: "The last 7 days", seconds: 604_800 },
};

export const PAGE = 25;

/** What GET /jobs is asked; the begin of a span moves along with the clock, except on later pages. */
export function askedBy(address: URLSearchParams): Wanted {
  const text = (name: string) => address.get(name) ?? undefined;
  const span = SPANS[address.get("since") ?? ""];
  const token = text("token");
  return {
    status: address.get("status")?.split(",") as Wanted["status"],
    tool: text("tool"),
    ...Object.fromEntries(TEXTS.map((name) => [name, text(name)])),
    submitted_after: text("submitted_after") ?? (span && minuteBefore(span.seconds)),
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
