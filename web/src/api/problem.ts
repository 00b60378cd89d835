/** What went wrong, in the server's own words where it gave any. */
import type { Fault, Problem } from "./types";

export class ApiProblem extends Error {
  readonly status: number;
  readonly title: string;
  readonly faults: Fault[];

  constructor(problem: Pick<Problem, "status" | "title" | "detail"> & { errors?: Fault[] }) {
    super(problem.detail || problem.title);
    this.name = "ApiProblem";
    this.status = problem.status;
    this.title = problem.title;
    this.faults = problem.errors ?? [];
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "detail" in body && "title" in body;
}

export function problemFrom(body: unknown, response: Response): ApiProblem {
  if (isProblem(body)) return new ApiProblem({ ...body, status: response.status });
  return new ApiProblem({
    status: response.status,
    title: "The server could not answer",
    detail: `The server answered with code ${response.status} and no explanation. Try again in a moment.`,
  });
}

export const isOffline = (error: unknown): boolean => !(error instanceof ApiProblem);

/** One sentence for a person: what happened and what to do. */
export function inWords(error: unknown): string {
  if (error instanceof ApiProblem) return error.message;
  return "Clarion cannot reach its server. Check the connection; nothing you entered is lost.";
}

export const hasStatus = (error: unknown, status: number): boolean =>
  error instanceof ApiProblem && error.status === status;
