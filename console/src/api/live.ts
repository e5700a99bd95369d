/** What a page shows of the service, loaded again and again while someone looks at it. */

import { useCallback, useEffect, useRef, useState } from "react";
import { Refused, Unreachable } from "./trouble";

/** Seconds between tries while the service cannot answer; it doubles. */
const FIRST_PAUSE = 2;
const LAST_PAUSE = 60;

export interface Live<T> {
  data: T | undefined;
  /** What went wrong the last time; `data` is then what was known before. */
  error: unknown;
  /** When the next try will be made after an error, in milliseconds of the clock. */
  retryAt: number | undefined;
  reload: () => void;
}

/**
 * Load at once, and again after as many seconds as `pause` says of what was loaded; null stops.
 *
 * `load` is given what it had answered before. It is called anew when `about` changes, never by itself
 * while the page is hidden, or after a 429 before its Retry-After.
 */
export function useLive<T>(
  about: string,
  load: (signal: AbortSignal, known: T | undefined) => Promise<T>,
  pause: (data: T) => number | null = () => null,
): Live<T> {
  const [shown, setShown] = useState<{ about: string; data?: T; error?: unknown; retryAt?: number }>({ about });
  const [round, setRound] = useState(0);
  const reload = useCallback(() => setRound((count) => count + 1), []);
  const latest = useRef({ load, pause });
  latest.current = { load, pause };
  const known = useRef<{ about: string; data: T } | undefined>(undefined);

  useEffect(() => {
    const stop = new AbortController();
    void (async () => {
      for (let failures = 0; !stop.signal.aborted; ) {
        let seconds: number | null;
        try {
          const before = known.current?.about === about ? known.current.data : undefined;
          const data = await latest.current.load(stop.signal, before);
          if (stop.signal.aborted) return;
          known.current = { about, data };
          failures = 0;
          setShown({ about, data });
          seconds = latest.current.pause(data);
        } catch (error) {
          if (stop.signal.aborted) return;
          seconds = nextTry(error, failures++);
          const retryAt = seconds === null ? undefined : Date.now() + seconds * 1000;
          setShown((old) => ({ about, data: old.about === about ? old.data : undefined, error, retryAt }));
        }
        if (seconds === null) return;
        await rest(seconds, failures > 0, stop.signal);
        await visible(stop.signal);
      }
    })();
    return () => stop.abort();
  }, [about, round]);

  const now = shown.about === about ? shown : undefined;
  return { data: now?.data, error: now?.error, retryAt: now?.retryAt, reload };
}

/** Seconds until a call that failed is made again; null if that would be in vain. */
function nextTry(error: unknown, failures: number): number | null {
  const pause = Math.min(LAST_PAUSE, FIRST_PAUSE * 2 ** failures);
  if (error instanceof Unreachable) return pause;
  if (error instanceof Refused && error.isPassing) return Math.max(error.retryAfter ?? 0, pause);
  return null;
}

/** Wait; being online again ends a wait for the service. */
function rest(seconds: number, isAway: boolean, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", woken);
      resolve();
    };
    const woken = () => isAway && done();
    const timer = setTimeout(done, seconds * 1000);
    addEventListener("online", woken);
    signal.addEventListener("abort", done, { once: true });
  });
}

function visible(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
    signal.addEventListener("abort", look, { once: true });
  });
}
