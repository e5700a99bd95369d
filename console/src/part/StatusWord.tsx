/** The status of a job or a task, as a word with its sign. */

import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";

const SIGNS: Record<string, StatusIndicatorProps.Type> = {
  Pending: "pending",
  Running: "in-progress",
  Success: "success",
  Failed: "error",
  Cancelled: "stopped",
  Skipped: "not-started",
  Delivered: "success",
  Parked: "error",
};

export function StatusWord({ status }: { status: string }) {
  return <StatusIndicator type={SIGNS[status] ?? "info"}>{status}</StatusIndicator>;
}
