import { Agent, request as ask, type ClientRequest } from "node:http";
import { Life, never } from "./life.ts";

/** What one tablet has heard, for whoever judges afterwards; it lies outside the tablet and outlives its kills. */
export interface Heard {
  /** Every answer to a commit, in the order heard: epoch, and the result as the server gave it. */
  answers: { epoch: string; space: string; result: { commit: string; status: string } }[];
  /** sha256 of every blob that the server has said to hold. */
  held: Set<string>;
  /** Answers by status code, for a summary. */
  codes: Map<string, number>;
}

/** The way of one tablet to the server: its cookies, and what it hears. The address is that of its own wire. */
export class Network {
  readonly heard: Heard = { answers: [], held: new Set(), codes: new Map() };
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
      this.note(path, response.status, text);
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

  private note(path: string, status: number, text: string): void {
    const key = `${path.split("?")[0]?.replace(/[0-9a-f-]{36}/g, "*")} ${status}`;
    this.heard.codes.set(key, (this.heard.codes.get(key) ?? 0) + 1);
    if (status !== 200) return;
    const push = /^\/sync\/([^/]+)\/push$/.exec(path);
    const json = parsed(text);
    if (push !== null && Array.isArray(json?.results)) {
      const { epoch, results } = json as { epoch: string; results: Heard["answers"][number]["result"][] };
      for (const result of results) this.heard.answers.push({ epoch, space: push[1] ?? "", result });
    }
    if (path === "/blobs/have" && Array.isArray(json?.held)) {
      for (const sha256 of json.held as string[]) this.heard.held.add(sha256);
    }
  }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** By origin: each tablet has a wire, and so an origin, of its own. */
export const networks = new Map<string, Network>();
