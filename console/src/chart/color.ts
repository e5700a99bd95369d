/** The colour of each status in a chart; both modes can show them. */

export const COLORS: Readonly<Record<string, string>> = {
  Success: "#2ea597",
  Failed: "#d94f4f",
  Cancelled: "#8c96a5",
  Running: "#688ae8",
  Pending: "#c9b23a",
};
