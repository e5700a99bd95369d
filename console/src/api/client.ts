/** Calls of the public API; the only file that makes any. */

import type { components, paths } from "./schema";
import { Refused, Unreachable } from "./trouble";

export type Verb = "get" | "post" | "put" | "delete";

/** The paths that have an operation of this verb. */
export type PathOf<V extends Verb> = {
  [P in keyof paths]: paths[P] extends Record<V, { responses: object }> ? P : never;
}[keyof paths];

type Operation<V extends Verb, P extends PathOf<V>> = paths[P] extends Record<V, infer O> ? O : never;
type Success<R> = { [S in keyof R]: S extends 200 | 201 | 202 ? R[S] : never }[keyof R];
type Json<R> = R extends { content: { "application/json": infer B } } ? B : never;
type Given<O, K extends string> = O extends { parameters: { [N in K]?: infer Q } } ? Q : never;
type Sent<O> = O extends { requestBody?: { content: { "application/json": infer B } } } ? B : never;

/** What an operation answers when it succeeds. */
export type Answer<V extends Verb, P extends PathOf<V>> =
  Operation<V, P> extends { responses: infer R } ? Json<Success<R>> : never;

export interface Asked<V extends Verb, P extends PathOf<V>> {
  path?: Given<Operation<V, P>, "path">;
  query?: Given<Operation<V, P>, "query">;
  body?: Sent<Operation<V, P>>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

export interface Answered<T> {
  /** Undefined where there is nothing new (304) or nothing at all (204). */
  data: T | undefined;
  etag: string | undefined;
}

/** The paths that are about no organization. */
const OPEN: ReadonlySet<string> = new Set<keyof paths>(["/tools", "/tools/{name}", "/openapi.json"]);

/** Seconds that a call may take; the longest wait that the API knows is 25. */
const PATIENCE = 40;

export class Client {
  constructor(
    private readonly key: string,
    /** The organization that calls are about, where the key has several. */
    private readonly organization?: string,
  ) {}

  /** Raises Refused, Unreachable. */
  async call<V extends Verb, P extends PathOf<V>>(
    verb: V,
    path: P,
    asked: Asked<V, P> = {},
  ): Promise<Answered<Answer<V, P>>> {
    const organization_id = OPEN.has(path) ? undefined : this.organization;
    const query = asQuery({ ...(asked.query as object | undefined), organization_id });
    const response = await this.fetched(`${filled(path, asked.path)}${query}`, verb, asked);
    const etag = response.headers.get("etag") ?? undefined;
    if (response.status === 204 || response.status === 304) return { data: undefined, etag };
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) {
      const problem = (typeof body === "object" && body ? body : {}) as Partial<components["schemas"]["Problem"]>;
      throw new Refused(response.status, problem, secondsOf(response.headers.get("retry-after")));
    }
    if (body === undefined) throw new Unreachable();
    return { data: body as Answer<V, P>, etag };
  }

  /** What a path answers to a GET. Raises Refused, Unreachable. */
  async get<P extends PathOf<"get">>(path: P, asked: Asked<"get", P> = {}): Promise<Answer<"get", P>> {
    return (await this.call("get", path, asked)).data as Answer<"get", P>;
  }

  private async fetched(url: string, verb: Verb, asked: { body?: unknown; headers?: object; signal?: AbortSignal }) {
    const limits = [AbortSignal.timeout(PATIENCE * 1000), ...(asked.signal ? [asked.signal] : [])];
    try {
      return await fetch(url, {
        method: verb.toUpperCase(),
        headers: {
          Accept: "application/json",
          Authorization: `Bearer ${this.key}`,
          ...(asked.body === undefined ? {} : { "Content-Type": "application/json" }),
          ...asked.headers,
        },
        body: asked.body === undefined ? undefined : JSON.stringify(asked.body),
        cache: "no-store",
        credentials: "omit",
        signal: AbortSignal.any(limits),
      });
    } catch (error) {
      if (asked.signal?.aborted) throw error;
      throw new Unreachable();
    }
  }
}

function filled(path: string, values: unknown): string {
  const named = (values ?? {}) as Record<string, string | number>;
  return path.replace(/\{(\w+)\}/g, (_match, name: string) => encodeURIComponent(String(named[name] ?? "")));
}

function asQuery(values: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null || value === "") continue;
    if (Array.isArray(value) && value.length === 0) continue;
    query.set(name, String(value));
  }
  return query.size ? `?${query}` : "";
}

/** `Retry-After` has seconds or a date. */
function secondsOf(retryAfter: string | null): number | undefined {
  if (retryAfter === null) return undefined;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(1, Math.ceil(seconds)) : undefined;
}
