// The office reads through query endpoints; it holds no replica. One place turns answers into outcomes.
import type { Problem } from "../contract/index.ts";
import { CLIENT_HEADER } from "../sync/transport.ts";

/**
 * Why it did not work: no connection, no right, no such thing, the state has changed meanwhile, what was asked
 * does not stand, asked too often, or the server failed (`code` says how).
 */
export type ProblemKind =
  | "network"
  | "forbidden"
  | "not_found"
  | "signed_out"
  | "conflict"
  | "refused"
  | "limited"
  | "server";

export class QueryProblem extends Error {
  constructor(
    readonly kind: ProblemKind,
    readonly code: string,
    /** What the server said, in both languages. */
    readonly told: Problem | null = null,
  ) {
    super(`${kind}: ${code}`);
  }
}

const TIMEOUT_MS = 20_000;
const KINDS: Record<number, ProblemKind> = {
  400: "refused",
  401: "signed_out",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  413: "refused",
  422: "refused",
  429: "limited",
};

async function problemOf(response: Response): Promise<QueryProblem> {
  const body: Problem | null = await response.json().catch(() => null);
  const kind = KINDS[response.status] ?? "server";
  return new QueryProblem(kind, body?.code ?? String(response.status), body);
}

async function ask<Answer>(path: string, options: RequestInit, abort?: AbortSignal): Promise<Answer> {
  const signals = [AbortSignal.timeout(TIMEOUT_MS), ...(abort ? [abort] : [])];
  try {
    const response = await fetch(`/api/v1${path}`, {
      ...options,
      credentials: "same-origin",
      signal: AbortSignal.any(signals),
    });
    if (!response.ok) throw await problemOf(response);
    return (response.status === 204 ? undefined : await response.json()) as Answer;
  } catch (error) {
    if (error instanceof QueryProblem || abort?.aborted) throw error;
    throw new QueryProblem("network", "");
  }
}

/** GET below `/api/v1`; throws `QueryProblem`. `abort` ends it early without a problem being shown. */
export function query<Answer>(path: string, abort?: AbortSignal): Promise<Answer> {
  return ask<Answer>(path, {}, abort);
}

/** POST below `/api/v1`; throws `QueryProblem`. */
export function send<Answer>(path: string, body: unknown = {}): Promise<Answer> {
  const headers = { [CLIENT_HEADER]: "1", "Content-Type": "application/json" };
  return ask<Answer>(path, { method: "POST", headers, body: JSON.stringify(body) });
}
