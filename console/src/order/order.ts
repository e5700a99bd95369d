/** A job being written: its text, what is wrong with it, and the key that keeps it from being made twice. */

import { useDeferredValue, useMemo, useState } from "react";
import { useLive } from "../api/live";
import { useSession } from "../api/session";
import { Refused } from "../api/trouble";
import { loadCheck } from "./check";
import { placed, read, type Fault } from "./fault";
import { sizeOf } from "../word/number";

/** The most bytes that the service takes. */
const MAX_BYTES = 262_144;

export interface OrderText {
  text: string;
  /** The JSON of the text; undefined while it is none. */
  value: unknown;
  faults: Fault[];
  isChecked: boolean;
  /** Why a file was not read. */
  note: string | undefined;
  /** Goes along with the submission; another text has another one. */
  idempotencyKey: string;
  write: (text: string) => void;
  open: (file: globalThis.File) => void;
  /** Show at its lines what the service has found. */
  blame: (error: unknown) => void;
  checkError: unknown;
}

export function useOrder(begin = ""): OrderText {
  const { client } = useSession();
  const [text, setText] = useState(begin);
  const [idempotencyKey, setKey] = useState(newKey);
  const [note, setNote] = useState<string>();
  const [blamed, setBlamed] = useState<{ pointer: string; detail: string }[]>([]);
  const check = useLive("check", (signal) => loadCheck(client, signal));
  const settled = useDeferredValue(text);

  const reading = useMemo(() => read(settled), [settled]);
  const found = useMemo<Fault[]>(() => {
    if (settled.trim() === "") return [];
    if (reading.value === undefined || reading.faults.length) return reading.faults;
    return placed(settled, reading.tree, check.data ? check.data(reading.value) : []);
  }, [settled, reading, check.data]);
  const faults = useMemo(
    () => (found.length || !blamed.length ? found : placed(settled, reading.tree, blamed)),
    [found, blamed, settled, reading],
  );

  const write = (next: string) => {
    setText(next);
    setKey(newKey());
    setNote(undefined);
    setBlamed([]);
  };
  const open = (file: globalThis.File) => {
    if (file.size > MAX_BYTES) {
      setNote(`“${file.name}” has ${sizeOf(file.size)}; a job has at most ${sizeOf(MAX_BYTES)}.`);
      return;
    }
    file.arrayBuffer().then(
      (bytes) => {
        try {
          const content = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
          if (content.includes("\0")) throw new TypeError();
          write(pretty(content));
        } catch {
          setNote(`“${file.name}” is not a text file in UTF-8.`);
        }
      },
      () => setNote(`“${file.name}” cannot be read.`),
    );
  };
  return {
    text,
    value: reading.value,
    faults,
    isChecked: check.data !== undefined && settled === text,
    note,
    idempotencyKey,
    write,
    open,
    blame: (error) => setBlamed(error instanceof Refused ? fieldsOf(error) : []),
    checkError: check.error,
  };
}

/** A file on one line is hard to read, and every fault would be on that line. */
function pretty(content: string): string {
  if (content.trim().includes("\n")) return content;
  try {
    return `${JSON.stringify(JSON.parse(content), null, 2)}\n`;
  } catch {
    return content;
  }
}

function newKey(): string {
  return `console-${[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** The fields that the service blames; of a resubmission, those of its patch. */
function fieldsOf(error: Refused): { pointer: string; detail: string }[] {
  return (error.problem.errors ?? []).map((each) => ({ ...each, pointer: each.pointer.replace(/^\/patch\b/, "") }));
}
