/** Why a request of ours was refused, as the server's catalogue of failures says it. */
export interface Problem {
  code: string;
  message: string;
  message_en: string;
  detail?: unknown;
}

/**
 * What came of a request. `offline`: nobody of ours answered (no network, a gateway, a captive portal);
 * `unauthorised`: sign in again; `limited`: ask again after `wait` milliseconds; `refused`: the request is not
 * acceptable as it is; `failed`: the server broke on it; `wiped`: this device or user may no longer read, `of` which
 * of the two where the server says so.
 */
export type Outcome<T> =
  | { kind: "ok"; value: T }
  | { kind: "offline"; cause: "network" | "timeout" | "gateway" | "portal" }
  | { kind: "unauthorised" }
  | { kind: "limited"; wait: number }
  | { kind: "refused"; status: number; problem: Problem | null }
  | { kind: "failed"; status: number; problem: Problem | null }
  | { kind: "wiped"; now: boolean; of?: "device" | "account" };

/**
 * What keeps the sync from going on; `full`: this device has no room left to write down what it would learn;
 * `no_role`: the user has no duty anywhere any more.
 */
export type Trouble = Exclude<Outcome<never>, { kind: "ok" }> | { kind: "full" } | { kind: "no_role" };

export interface TransportOptions {
  /** Address before `/api/v1`; empty: where the page came from. */
  origin?: string;
  fetch?: typeof fetch;
  /** Milliseconds until a request is given up. */
  timeout?: number;
  now?: () => number;
}

/** Sent with everything but GET: a foreign page cannot set it without asking us first. */
export const CLIENT_HEADER = "X-Rounds-Client";

/** Requests to the server, with every way of failing as a value. */
export class Transport {
  readonly base: string;
  private readonly fetch: typeof fetch;
  private readonly timeout: number;
  private readonly now: () => number;

  constructor(options: TransportOptions = {}) {
    this.base = `${options.origin ?? ""}/api/v1`;
    this.fetch = options.fetch ?? ((...request) => fetch(...request));
    this.timeout = options.timeout ?? 30_000;
    this.now = options.now ?? Date.now;
  }

  get<T>(path: string, query: Record<string, string | number> = {}): Promise<Outcome<T>> {
    const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
    const address = search.size === 0 ? path : `${path}?${search}`;
    return this.send<T>("GET", address);
  }

  post<T>(path: string, body: unknown): Promise<Outcome<T>> {
    return this.send<T>("POST", path, body);
  }

  delete<T>(path: string): Promise<Outcome<T>> {
    return this.send<T>("DELETE", path);
  }

  private async send<T>(method: string, path: string, body?: unknown): Promise<Outcome<T>> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (method !== "GET") headers[CLIENT_HEADER] = "1";
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let response: Response;
    let text: string;
    try {
      response = await this.fetch(this.base + path, {
        method,
        headers,
        credentials: "same-origin",
        cache: "no-store",
        // Nothing of ours redirects; a captive portal does.
        redirect: "error",
        signal: AbortSignal.timeout(this.timeout),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (error) {
      const timeout = (error as { name?: string }).name === "TimeoutError";
      return { kind: "offline", cause: timeout ? "timeout" : "network" };
    }
    return this.judge<T>(response, text);
  }

  private judge<T>(response: Response, text: string): Outcome<T> {
    const { status } = response;
    const json = parsed(text);
    if (status === 204) return { kind: "ok", value: undefined as T };
    if (status >= 200 && status < 300) {
      return json === undefined ? { kind: "offline", cause: "portal" } : { kind: "ok", value: json as T };
    }
    if (status === 401) return { kind: "unauthorised" };
    if (status === 429 || status === 503) {
      return { kind: "limited", wait: retryAfter(response.headers.get("Retry-After"), this.now()) };
    }
    if (status === 502 || status === 504) return { kind: "offline", cause: "gateway" };
    const problem = problemOf(json);
    if (status === 403) {
      const wipe = wipeOf(json, problem);
      if (wipe !== null) return { kind: "wiped", now: wipe === "now", ...shutOut(problem) };
    }
    return { kind: status >= 500 ? "failed" : "refused", status, problem };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf(json: unknown): Problem | null {
  const problem = json as Partial<Problem> | null | undefined;
  if (typeof problem?.code !== "string") return null;
  const { code, message = "", message_en = "", detail } = problem;
  return { code, message, message_en, detail };
}

/** A device declared lost wipes at once; any other when it has handed in everything. */
function wipeOf(json: unknown, problem: Problem | null): "now" | "later" | null {
  const detail = problem?.detail as { wipe?: unknown } | null | undefined;
  const wipe = (json as { wipe?: unknown } | null | undefined)?.wipe ?? detail?.wipe;
  if (wipe === "now" || problem?.code === "wipe_now") return "now";
  return wipe !== undefined && wipe !== false && wipe !== null
    ? "later"
    : problem?.code === "wipe"
      ? "later"
      : null;
}

function shutOut(problem: Problem | null): { of?: "device" | "account" } {
  const { of } = (problem?.detail ?? {}) as { of?: unknown };
  return of === "device" || of === "account" ? { of } : {};
}

/** Milliseconds to wait by a `Retry-After` in seconds or as a date; 5 s when it says nothing, an hour at most. */
export function retryAfter(value: string | null, now: number): number {
  const seconds = Number(value ?? "");
  const wait =
    value !== null && value !== "" && Number.isFinite(seconds)
      ? seconds * 1000
      : Date.parse(value ?? "") - now;
  return Math.min(3_600_000, Math.max(0, Number.isFinite(wait) ? wait : 5000));
}
