/** What can go wrong with a call: the service refuses it, or cannot be reached. */

import type { Problem } from "./kind";

/** The service answered that it will not. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Partial<Problem>,
    /** Seconds after which it is worth another try, if the service says so. */
    readonly retryAfter?: number,
  ) {
    super(problem.detail || problem.title || `The service answered ${status}`);
  }

  /** Whether the same call may well succeed later. */
  get isPassing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

/** No answer came. */
export class Unreachable extends Error {
  constructor() {
    super("The service cannot be reached");
  }
}
