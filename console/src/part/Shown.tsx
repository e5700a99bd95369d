/** Something of the service on a page: what is known of it, or that it loads, or what is wrong. */

import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import type { ReactNode } from "react";
import type { Live } from "../api/live";
import { Trouble } from "./Trouble";

interface Props<T> {
  live: Live<T>;
  children: (data: T) => ReactNode;
}

export function Shown<T>({ live, children }: Props<T>) {
  const { data, error, retryAt, reload } = live;
  return (
    <SpaceBetween size="l">
      {error !== undefined && <Trouble error={error} retryAt={retryAt} onRetry={reload} />}
      {data !== undefined && children(data)}
      {data === undefined && error === undefined && (
        <div role="status">
          <Spinner /> Loading…
        </div>
      )}
    </SpaceBetween>
  );
}
