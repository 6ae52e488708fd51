import { Agent, request as ask, type ClientRequest } from "node:http";
import { Life, never } from "./life.ts";

type Json = Record<string, unknown>;

/**
 * What one tablet has sent and heard, for whoever judges afterwards; it lies outside the tablet and outlives its
 * kills. `at` counts what was asked and heard, so that it can be told what came before what.
 */
export interface Heard {
  at: number;
  /** Every answer to a commit, in the order heard: epoch, and the result as the server gave it. */
  answers: { at: number; epoch: string; space: string; result: Json }[];
  /** By sha256: when the newest question was asked to which the server said that it holds the blob. */
  held: Map<string, number>;
  /** Commits as they went up, by id, with the space; each way in which one ever went up. */
  sent: Map<string, { space: string; commits: string[] }>;
  /** Answers by call and status code. */
  codes: Map<string, number>;
}

/** The way of one tablet to the server: its cookies, and what it hears. The address is that of its own wire. */
export class Network {
  readonly heard: Heard = { at: 0, answers: [], held: new Map(), sent: new Map(), codes: new Map() };
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 6 });
  private cookie = "";
  /** Of the client that runs now. */
  life = new Life();
  /** For a client that is broken on purpose: what it sends instead, and what it believes to have heard. */
  tamper: (path: string, body: unknown) => unknown = (_, body) => body;

  constructor(readonly origin: string) {
    networks.set(origin, this);
  }

  /** `fetch` for a client of this life. */
  fetchFor(life: Life): typeof fetch {
    return async (input, init = {}) => {
      if (!life.step()) return never();
      const path = String(input).replace(this.origin, "").replace("/api/v1", "");
      const body = init.body === undefined ? undefined : this.tamper(path, JSON.parse(String(init.body)));
      const asked = this.heard.at++;
      this.noteSent(path, body);
      let response: Response;
      let text: string;
      try {
        response = await fetch(input, {
          ...init,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          headers: { ...(init.headers as Record<string, string>), Cookie: this.cookie },
        });
        this.keepCookies(response.headers.getSetCookie());
        text = await response.text();
      } catch (error) {
        if (!life.step()) return never();
        throw error;
      }
      // A killed browser hears no answer, though the server may have done the work.
      if (!life.step()) return never();
      this.note(path, response.status, text, asked);
      return new Response(response.status === 204 ? null : text, {
        status: response.status,
        headers: response.headers,
      });
    };
  }

  /** One request with a body of bytes, for XMLHttpRequest. */
  send(method: string, url: string, headers: Record<string, string>, body: Uint8Array): ClientRequest {
    const sent = { ...headers, Cookie: this.cookie, "Content-Length": String(body.length) };
    return ask(url, { method, headers: sent, agent: this.agent });
  }

  close(): void {
    this.agent.destroy();
    networks.delete(this.origin);
  }

  private keepCookies(lines: string[]): void {
    for (const line of lines) {
      const [pair = ""] = line.split(";");
      this.cookie = pair.endsWith("=") ? "" : pair;
    }
  }

  private noteSent(path: string, body: unknown): void {
    const space = pushedTo(path);
    if (space === null) return;
    for (const commit of (body as { commits: Json[] }).commits) {
      const before = this.heard.sent.get(String(commit.id))?.commits ?? [];
      const now = JSON.stringify(commit);
      if (!before.includes(now)) this.heard.sent.set(String(commit.id), { space, commits: [...before, now] });
    }
  }

  private note(path: string, status: number, text: string, asked: number): void {
    const key = `${path.split("?")[0]?.replace(/[0-9a-f-]{36}/g, "*")} ${status}`;
    this.heard.codes.set(key, (this.heard.codes.get(key) ?? 0) + 1);
    const json = status === 200 ? parsed(text) : null;
    const space = pushedTo(path);
    if (space !== null && Array.isArray(json?.results)) {
      const { epoch, results } = json as { epoch: string; results: Json[] };
      for (const result of results) this.heard.answers.push({ at: this.heard.at++, epoch, space, result });
    }
    if (path === "/blobs/have" && Array.isArray(json?.held)) {
      for (const sha256 of json.held as string[]) this.heard.held.set(sha256, asked);
    }
  }
}

function pushedTo(path: string): string | null {
  return /^\/sync\/([^/]+)\/push$/.exec(path)?.[1] ?? null;
}

function parsed(text: string): Json | null {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** By origin: each tablet has a wire, and so an origin, of its own. */
export const networks = new Map<string, Network>();
