// The office reads through query endpoints; it holds no replica. One place turns answers into outcomes.

/** Why nothing came: no connection, no right, no such thing, or the server failed (`code` says how). */
export type ProblemKind = "network" | "forbidden" | "not_found" | "signed_out" | "server";

export class QueryProblem extends Error {
  constructor(
    readonly kind: ProblemKind,
    readonly code: string,
  ) {
    super(`${kind}: ${code}`);
  }
}

const TIMEOUT_MS = 20_000;

function problemOf(status: number, code: string): QueryProblem {
  if (status === 401) return new QueryProblem("signed_out", code);
  if (status === 403) return new QueryProblem("forbidden", code);
  if (status === 404) return new QueryProblem("not_found", code);
  return new QueryProblem("server", code || String(status));
}

/** GET below `/api/v1`; throws `QueryProblem`. `abort` ends it early without a problem being shown. */
export async function query<Answer>(path: string, abort?: AbortSignal): Promise<Answer> {
  const signals = [AbortSignal.timeout(TIMEOUT_MS), ...(abort ? [abort] : [])];
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      credentials: "same-origin",
      signal: AbortSignal.any(signals),
    });
  } catch (error) {
    if (abort?.aborted) throw error;
    throw new QueryProblem("network", "");
  }
  if (response.ok) return (await response.json()) as Answer;
  const body: { code?: string } = await response.json().catch(() => ({}));
  throw problemOf(response.status, body.code ?? "");
}
