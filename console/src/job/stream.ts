/** Plays HLS: each file that a playlist names is had by the job's own link to it, and nothing else is. */

import Hls, { type LoaderCallbacks, type LoaderConfiguration, type LoaderContext, type LoadPolicy } from "hls.js";
import type { Output } from "./Outputs";

/** Where playlists are told to lie, so that what they name leads to names of files; it leads nowhere else. */
const PLACE = "job://files/";

/** Have an element play a playlist among a job's files; what it answers ends that. */
export function play(video: HTMLVideoElement, playlist: Output, files: readonly Output[], onBroken: () => void): () => void {
  if (!Hls.isSupported()) {
    onBroken();
    return () => {};
  }
  const { fragLoadPolicy, keyLoadPolicy } = Hls.DefaultConfig;
  const hls = new Hls({
    loader: loaderOf(linksBeside(playlist, files)),
    // The page's policy allows no workers.
    enableWorker: false,
    enableInterstitialPlayback: false,
    fragLoadPolicy: impatient(fragLoadPolicy),
    keyLoadPolicy: impatient(keyLoadPolicy),
  });
  hls.on(Hls.Events.ERROR, (_event, { fatal }) => fatal && onBroken());
  hls.loadSource(PLACE + playlist.name.split("/").map(encodeURIComponent).join("/"));
  hls.attachMedia(video);
  return () => hls.destroy();
}

/** hls.js tries for half a minute, even what has been refused; so long nobody would hear that a link has ended. */
function impatient(policy: LoadPolicy): LoadPolicy {
  return { default: { ...policy.default, errorRetry: { maxNumRetry: 2, retryDelayMs: 500, maxRetryDelayMs: 1000 } } };
}

/** The links by the files' names; of two files with one name, that of the playlist's own task. */
function linksBeside({ task }: Output, files: readonly Output[]): ReadonlyMap<string, string> {
  const inOrder = files.toSorted((one, other) => Number(one.task === task) - Number(other.task === task));
  return new Map(inOrder.flatMap(({ name, url }) => (url ? [[name, url] as const] : [])));
}

/** What fetches all that the player asks for: playlists, segments, keys. Media may name anything. */
function loaderOf(links: ReadonlyMap<string, string>) {
  return class extends Hls.DefaultConfig.loader {
    override load(context: LoaderContext, config: LoaderConfiguration, callbacks: LoaderCallbacks<LoaderContext>) {
      const url = links.get(nameOf(context.url));
      if (url === undefined) {
        queueMicrotask(() => callbacks.onError({ code: 404, text: "no file of this job" }, context, null, this.stats));
        return;
      }
      super.load({ ...context, url }, config, {
        ...callbacks,
        // What a playlist names lies beside its name, not beside its link.
        onSuccess: (response, stats, _linked, details) =>
          callbacks.onSuccess({ ...response, url: context.url }, stats, context, details),
      });
    }
  };
}

/** The name that stands in such a URL; of any other, one that no file has. */
function nameOf(url: string): string {
  try {
    return url.startsWith(PLACE) ? decodeURIComponent(url.slice(PLACE.length)) : "";
  } catch {
    return "";
  }
}
