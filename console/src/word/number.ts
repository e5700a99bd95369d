/** Numbers in words. */

const COUNT = new Intl.NumberFormat("en-US");
const FIGURE = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const UNITS = ["bytes", "KB", "MB", "GB", "TB"];

export function countOf(value: number): string {
  return COUNT.format(value);
}

export function figureOf(value: number): string {
  return FIGURE.format(value);
}

/** Such as `$0.0012`. */
export function dollarsOf(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : `$${figureOf(value)}`;
}

/** Such as `1.4 MB` (10^6 bytes). */
export function sizeOf(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return "–";
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${FIGURE.format(value)} ${UNITS[unit]}`;
}
