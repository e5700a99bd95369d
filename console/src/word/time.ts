/** Times and durations in words. */

const DATE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const SHORT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

/** Such as `22 Nov 2026, 21:41:25`, in the reader's time zone. */
export function dateOf(time: string | null | undefined): string {
  return time ? DATE.format(new Date(time)) : "–";
}

/** Such as `22 Nov, 21:41`. */
export function shortDateOf(time: string | number | Date): string {
  return SHORT.format(new Date(time));
}

/** Such as `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function durationOf(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  if (seconds < 10) return `${Math.max(0, Math.round(seconds * 10) / 10)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86400)} d ${Math.round((whole % 86400) / 3600)} h`;
}

/** Seconds from one time to another, or to now. */
export function secondsBetween(from: string | null, to: string | null): number | null {
  if (!from) return null;
  return ((to ? Date.parse(to) : Date.now()) - Date.parse(from)) / 1000;
}
