/** What is wrong with a job's JSON, as a list that leads to the lines. */

import Box from "@cloudscape-design/components/box";
import Link from "@cloudscape-design/components/link";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import type { Fault } from "./fault";

const SHOWN = 20;

export function Faults({ faults, onGo }: { faults: Fault[]; onGo: (line: number) => void }) {
  if (faults.length === 0) return null;
  return (
    <Box padding={{ top: "xs" }}>
      <div role="status">
        <StatusIndicator type="error">
          {faults.length === 1 ? "One thing is wrong" : `${faults.length} things are wrong`}
        </StatusIndicator>
      </div>
      <ul aria-label="What is wrong" className="faults">
        {faults.slice(0, SHOWN).map((fault, place) => (
          <li key={place}>
            <Link onFollow={() => onGo(fault.line)}>Line {fault.line}</Link>: {fault.pointer && <code>{fault.pointer}</code>}{" "}
            {fault.detail}
          </li>
        ))}
        {faults.length > SHOWN && <li>and {faults.length - SHOWN} more</li>}
      </ul>
    </Box>
  );
}
