/** What a job has made: played and shown in the page, and to be loaded. */

import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table from "@cloudscape-design/components/table";
import { useState } from "react";
import type { File, Job } from "../api/kind";
import { countOf, sizeOf } from "../word/number";
import { Player } from "./Player";
import "./outputs.css";

/** Pictures that are shown at once. */
const MANY = 60;

export interface Output extends File {
  task: number;
  tool: string;
  place: string;
}

export function Outputs({ job, onStale }: { job: Job; onStale: () => void }) {
  const outputs = job.tasks.flatMap(({ index, tool, files }) =>
    files.map((file): Output => ({ ...file, task: index, tool, place: `${index}/${file.name}` })),
  );
  const playable = outputs.filter((file) => file.url && isPlayable(file));
  const pictures = outputs.filter((file) => file.url && kindOf(file) === "image");
  const [chosen, setChosen] = useState<string>();
  const playing = playable.find(({ place }) => place === chosen) ?? best(playable);
  if (outputs.length === 0) return null;

  return (
    <Container header={<Header variant="h2" counter={`(${outputs.length})`}>Outputs</Header>}>
      <SpaceBetween size="l">
        {playing && (
          <Player
            key={playing.url}
            file={playing}
            files={outputs}
            isChosen={playing.place === chosen}
            onPlay={() => setChosen(playing.place)}
            onStale={onStale}
          />
        )}
        {pictures.length > 0 && (
          <ul className="pictures" aria-label="Pictures">
            {pictures.slice(0, MANY).map((file) => (
              <li key={file.place}>
                <a href={file.url} target="_blank" rel="noopener noreferrer">
                  <img src={file.url} alt={file.name} loading="lazy" />
                </a>
              </li>
            ))}
            {pictures.length > MANY && <li>and {countOf(pictures.length - MANY)} more</li>}
          </ul>
        )}
        <Table
          variant="embedded"
          items={outputs}
          trackBy="place"
          wrapLines
          ariaLabels={{ tableLabel: "Files" }}
          columnDefinitions={[
            { id: "name", header: "File", isRowHeader: true, cell: ({ name }) => name },
            { id: "task", header: "Made by", cell: ({ task, tool }) => `${task} ${tool}` },
            { id: "type", header: "Type", cell: (file) => file.content_type },
            { id: "size", header: "Size", cell: ({ size }) => sizeOf(size) },
            {
              id: "do",
              header: "",
              cell: (file) => (
                <SpaceBetween direction="horizontal" size="xs">
                  {playable.includes(file) && (
                    <Button
                      variant="inline-link"
                      ariaLabel={`Play ${file.name}`}
                      onClick={() => setChosen(file.place)}
                      disabled={playing === file && (kindOf(file) !== "playlist" || chosen === file.place)}
                    >
                      Play
                    </Button>
                  )}
                  {file.url ? (
                    <Button variant="inline-link" href={file.url} target="_blank" ariaLabel={`Download ${file.name}`}>
                      Download
                    </Button>
                  ) : (
                    <Box variant="small">no link</Box>
                  )}
                </SpaceBetween>
              ),
            },
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

/** The last task has made what the job is for; the largest file is likely the finest, a playlist is of all of them. */
function best(playable: Output[]): Output | undefined {
  const last = playable.at(-1)?.task;
  const made = playable.filter(({ task }) => task === last).toSorted((one, other) => other.size - one.size);
  return made.find((file) => kindOf(file) === "video") ?? made.find(isMaster) ?? made[0];
}

/** Of a package, only the playlist of all its playlists: the other files are its parts. */
function isPlayable(file: Output): boolean {
  const kind = kindOf(file);
  return kind !== undefined && kind !== "image" && (file.tool !== "media:package" || isMaster(file));
}

function isMaster({ name }: File): boolean {
  return name.endsWith("/master.m3u8");
}

/** What of the page can show a file, if anything can. */
export function kindOf({ content_type: type }: File): "video" | "audio" | "playlist" | "image" | undefined {
  if (/^image\/(jpeg|png|webp|gif|avif)$/.test(type)) return "image";
  if (type.toLowerCase().includes("mpegurl")) return "playlist";
  if (type.startsWith("audio/")) return "audio";
  if (type.startsWith("video/") && !["video/mp2t", "video/iso.segment"].includes(type)) return "video";
  return undefined;
}
