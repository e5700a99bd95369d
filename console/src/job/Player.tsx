/** Plays one file in the page. */

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import { useEffect, useRef, useState, type VideoHTMLAttributes } from "react";
import { kindOf, type Output } from "./Outputs";

interface Props {
  file: Output;
  /** All that the job has made: a playlist names others of it. */
  files: readonly Output[];
  /** Somebody has asked for this one. */
  isChosen: boolean;
  /** From then on, another file does not take its place by itself. */
  onPlay: () => void;
  onStale: () => void;
}

export function Player({ file, files, isChosen, onPlay, onStale }: Props) {
  const [isBroken, setBroken] = useState(false);
  const kind = kindOf(file);
  // It begins anew with another link; within a second the new one is the same.
  const renew = () => {
    setBroken(false);
    onStale();
  };
  if (isBroken) {
    return (
      <Box>
        {`“${file.name}” cannot be played: this browser may not know its format, or the link has ended. `}
        <Button onClick={renew}>Get a new link</Button>
      </Box>
    );
  }
  if (kind === "playlist" && !isChosen) return <Button onClick={onPlay}>{`Play “${file.name}”`}</Button>;
  const common = {
    controls: true,
    "aria-label": file.name,
    onPlay,
    onError: () => setBroken(true),
  } as const;
  return (
    <figure className="player">
      {kind === "playlist" && <Stream file={file} files={files} shown={common} />}
      {kind === "video" && <video playsInline src={file.url} preload="metadata" {...common} />}
      {kind === "audio" && <audio src={file.url} preload="metadata" {...common} />}
      <figcaption>{file.name}</figcaption>
    </figure>
  );
}

interface StreamProps {
  file: Output;
  files: readonly Output[];
  shown: VideoHTMLAttributes<HTMLVideoElement> & { onError: () => void };
}

/** Begins with the links that it is first given. */
function Stream({ file, files, shown }: StreamProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    let stop: (() => void) | undefined;
    let isOver = false;
    // Apart from the page's own code: few come to play a playlist.
    void import("./stream").then(({ play }) => {
      if (!isOver && video.current) stop = play(video.current, file, files, shown.onError);
    }, shown.onError);
    return () => {
      isOver = true;
      stop?.();
    };
  }, []);
  return <video ref={video} playsInline autoPlay {...shown} />;
}
