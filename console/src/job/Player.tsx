/** Plays one file in the page. */

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { useState } from "react";
import { kindOf, type Output } from "./Outputs";

interface Props {
  file: Output;
  /** From then on, another file does not take its place by itself. */
  onPlay: () => void;
  onStale: () => void;
}

export function Player({ file, onPlay, onStale }: Props) {
  const [isBroken, setBroken] = useState(false);
  if (isBroken) {
    return (
      <Box>
        {`“${file.name}” cannot be played: this browser may not know its format, or the link has ended. `}
        <Button onClick={onStale}>Get a new link</Button>
      </Box>
    );
  }
  const common = {
    src: file.url,
    controls: true,
    preload: "metadata",
    "aria-label": file.name,
    onPlay,
    onError: () => setBroken(true),
  } as const;
  return (
    <figure className="player">
      {kindOf(file) === "video" ? <video playsInline {...common} /> : <audio {...common} />}
      <figcaption>{file.name}</figcaption>
    </figure>
  );
}
