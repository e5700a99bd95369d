/** Jobs to begin with. */

const CLIP = "testsrc2=size=854x480:rate=25:duration=6";
const SOUND = "sine=frequency=440:duration=6";

export const EXAMPLES: Readonly<Record<string, { label: string; description: string; job: object }>> = {
  clip: {
    label: "A made clip, in two sizes, with thumbnails",
    description: "Needs no file of yours",
    job: {
      tasks: [
        {
          tool: "ffmpeg:cmd",
          parameters: {
            arguments: [
              ...["-f", "lavfi", "-i", CLIP, "-f", "lavfi", "-i", SOUND],
              ...["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", "{out:clip.mp4}"],
            ],
            outputs: ["clip.mp4"],
          },
        },
        { tool: "media:probe", parameters: { input: "clip.mp4" } },
        {
          tool: "media:transcode",
          parameters: {
            input: "clip.mp4",
            renditions: [
              { preset: "h264-480p", output: "480p.mp4" },
              { preset: "h264-360p", output: "360p.mp4" },
            ],
          },
        },
        { tool: "media:thumbnails", parameters: { input: "clip.mp4", count: 6 } },
      ],
      tags: ["example"],
    },
  },
  file: {
    label: "A file of yours: fetch, look, transcode",
    description: "Put its URL in",
    job: {
      tasks: [
        { tool: "storage:get", parameters: { sources: [{ url: "https://example.com/clip.mp4", name: "clip.mp4" }] } },
        { tool: "media:probe", parameters: { input: "clip.mp4" } },
        { tool: "media:transcode", parameters: { renditions: [{ preset: "h264-720p" }] } },
        { tool: "storage:put", parameters: { destinations: [{ url: "sftp://user:password@example.com/out/" }] } },
      ],
      tags: ["example"],
    },
  },
};

export function asText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
