/** The API's nouns, by the names that its OpenAPI document has for them. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Bundle = Schemas["Bundle"];
export type CountedBundle = Schemas["CountedBundle"];
export type Delivery = Schemas["Delivery"];
export type Event = Schemas["Event"];
export type Failure = Schemas["Failure"];
export type File = Schemas["File"];
export type Job = Schemas["Job"];
export type JobRow = Schemas["JobRow"];
export type Key = Schemas["Key"];
export type LogLine = Schemas["LogLine"];
export type Metrics = Schemas["Metrics"];
export type Month = Schemas["Month"];
export type Organization = Schemas["Organization"];
export type Plan = Schemas["Plan"];
export type Pool = Schemas["Pool"];
export type Problem = Schemas["Problem"];
export type Role = Schemas["Role"];
export type Status = Schemas["Status"];
export type Task = Schemas["Task"];
export type TemplateVersion = Schemas["TemplateVersion"];
export type WatchedPool = Schemas["WatchedPool"];
export type Webhook = Schemas["Webhook"];

/** A job or task of such a status changes only by a restart. */
export const ENDED: readonly Status[] = ["Success", "Failed", "Cancelled", "Skipped"];
