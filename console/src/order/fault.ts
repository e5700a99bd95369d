/** What is wrong with a job's JSON, and on which line. */

import { findNodeAtLocation, parseTree, printParseErrorCode, type Node, type ParseError } from "jsonc-parser";

export interface Fault {
  /** From 1. */
  line: number;
  /** An RFC 6901 pointer; empty where the text is no JSON. */
  pointer: string;
  detail: string;
}

export interface Reading {
  /** Undefined if the text is no JSON. */
  value: unknown;
  tree: Node | undefined;
  faults: Fault[];
}

/** The JSON of a text, or why it is none. */
export function read(text: string): Reading {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  if (errors.length > 0 || tree === undefined) {
    const faults = errors.slice(0, 20).map(({ error, offset }) => ({
      line: lineOf(text, offset),
      pointer: "",
      detail: sentence(printParseErrorCode(error)),
    }));
    return { value: undefined, tree, faults: faults.length ? faults : [{ line: 1, pointer: "", detail: "It is empty" }] };
  }
  const twice = repeated(tree).map((node) => ({
    line: lineOf(text, node.offset),
    pointer: "",
    detail: `“${node.value}” stands twice in this object`,
  }));
  return { value: JSON.parse(text) as unknown, tree, faults: twice };
}

/** Faults where pointers lead to; one that leads to something missing shows at what would hold it. */
export function placed(text: string, tree: Node | undefined, found: { pointer: string; detail: string }[]): Fault[] {
  const faults = found.map(({ pointer, detail }) => {
    const segments = segmentsOf(pointer);
    let node: Node | undefined;
    for (let length = segments.length; tree && !node; length--) {
      node = findNodeAtLocation(tree, segments.slice(0, length));
    }
    // An object or list shows at the name that it has.
    const at = node?.parent?.type === "property" ? node.parent : node;
    return { line: at ? lineOf(text, at.offset) : 1, pointer, detail };
  });
  return faults.sort((one, other) => one.line - other.line);
}

export function segmentsOf(pointer: string): (string | number)[] {
  if (pointer === "") return [];
  return pointer
    .replace(/^#?\//, "")
    .split("/")
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((segment) => (/^(0|[1-9]\d*)$/.test(segment) ? Number(segment) : segment));
}

function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let place = text.indexOf("\n"); place !== -1 && place < offset; place = text.indexOf("\n", place + 1)) line++;
  return line;
}

/** The names that an object has twice: the last one would silently win. */
function repeated(node: Node): Node[] {
  const children = node.children ?? [];
  const inner = children.flatMap(repeated);
  if (node.type !== "object") return inner;
  const seen = new Set<unknown>();
  const names = children.map((property) => property.children?.[0]).filter((name) => name !== undefined);
  return [...names.filter((name) => seen.size === seen.add(name.value).size), ...inner];
}

function sentence(code: string): string {
  const words = code.replace(/([a-z])([A-Z])/g, (_match, end: string, begin: string) => `${end} ${begin.toLowerCase()}`);
  return words.replace(/^Invalid comment token$/, "JSON has no comments");
}
