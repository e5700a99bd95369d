/** Checks a job against the JSON Schemas that the service itself gives of jobs and of its tools. */

import { Validator, type OutputUnit, type Schema } from "@cfworker/json-schema";
import type { Client } from "../api/client";

export interface Finding {
  pointer: string;
  detail: string;
}

/** What breaks the rules of a job; empty if nothing does. */
export type Check = (order: unknown) => Finding[];

/** A keyword that only says that something within it is wrong. */
const COMPOSITE = new Set(["properties", "items", "$ref", "allOf", "additionalProperties", "patternProperties"]);
const CHOICE = new Set(["anyOf", "oneOf"]);

/** Asks the service for the schemas. Raises Refused, Unreachable. */
export async function loadCheck(client: Client, signal?: AbortSignal): Promise<Check> {
  const [{ tools }, description] = await Promise.all([
    client.get("/tools", { signal }),
    client.get("/openapi.json", { signal }),
  ]);
  const components = structuredClone(description.components) as { schemas: Record<string, Schema> };
  const job = components.schemas.JobOrder;
  const task = Object.values(components.schemas).find(
    ({ properties }) => (properties?.tool as Schema | undefined)?.const === tools[0]?.name,
  );
  if (!job?.properties || !task?.properties) throw new Error("The service does not describe its jobs");
  // Which rules a task's parameters have depends on its tool: they are checked one by one.
  const anyTask = { ...task, title: "task", required: ["tool"], properties: { ...task.properties, tool: { type: "string" }, parameters: {} } };
  const order = { ...job, properties: { ...job.properties, tasks: { ...(job.properties.tasks as Schema), items: anyTask } } };
  const ofJob = new Validator({ ...structuredClone(order), components } as Schema, "2020-12", false);
  const ofTool = new Map(tools.map((tool) => [tool.name, new Validator(tool.parameters as Schema, "2020-12", false)]));

  return (value) => {
    const findings = brief(ofJob.validate(value).errors);
    const tasks = (value as { tasks?: unknown } | null)?.tasks;
    if (!Array.isArray(tasks)) return findings;
    tasks.forEach((each: unknown, index) => {
      const { tool, parameters } = (each ?? {}) as { tool?: unknown; parameters?: unknown };
      if (typeof tool !== "string") return;
      const validator = ofTool.get(tool);
      if (!validator) {
        const detail = `There is no tool “${tool}”; there are ${[...ofTool.keys()].join(", ")}`;
        findings.push({ pointer: `/tasks/${index}/tool`, detail });
      } else {
        findings.push(...brief(validator.validate(parameters ?? {}).errors, `/tasks/${index}/parameters`));
      }
    });
    return findings;
  };
}

/** One finding a place, of the innermost rules that are broken. */
function brief(errors: OutputUnit[], prefix = ""): Finding[] {
  const found = new Map<string, string>();
  const choices = errors.filter(({ keyword }) => CHOICE.has(keyword));
  for (const error of errors) {
    if (COMPOSITE.has(error.keyword) || CHOICE.has(error.keyword)) continue;
    const pointer = prefix + error.instanceLocation.replace(/^#/, "");
    const detail = said(error);
    const isOneOfSeveral = choices.some(({ instanceLocation }) => instanceLocation === error.instanceLocation);
    // Of a choice, that something is not null says nothing.
    if (isOneOfSeveral && error.keyword === "type" && detail.includes("null")) continue;
    if (!found.has(pointer)) found.set(pointer, detail);
  }
  for (const { instanceLocation } of choices) {
    const pointer = prefix + instanceLocation.replace(/^#/, "");
    const isExplained = [...found.keys()].some((each) => each.startsWith(pointer));
    if (!isExplained) found.set(pointer, pointer ? "fits none of the forms that are allowed here" : "needs either tasks or a template");
  }
  return [...found].map(([pointer, detail]) => ({ pointer: decoded(pointer), detail }));
}

function said({ keyword, error }: OutputUnit): string {
  if (keyword === "false") return "is not known here";
  const missing = /required property "(.*)"/.exec(error)?.[1];
  if (missing !== undefined) return `“${missing}” is missing`;
  const [, given, expected] = /type "(.*)" is invalid\. Expected "(.*)"/.exec(error) ?? [];
  if (expected !== undefined) return `must be ${expected.replaceAll('", "', " or ")}, not ${given}`;
  return error.replace(/^Instance /, "").replace(/^String /, "").replace(/\.$/, "");
}

function decoded(pointer: string): string {
  try {
    return decodeURIComponent(pointer);
  } catch {
    return pointer;
  }
}
