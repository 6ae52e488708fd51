import type { ClientRequest, IncomingMessage } from "node:http";
import type { Life } from "./life.ts";
import { networks } from "./network.ts";

/** As much of XMLHttpRequest as the browser's half of tus-js-client asks for, over Node's own HTTP. */
class XhrOverHttp {
  readonly upload: { onprogress: ((event: unknown) => void) | null } = { onprogress: null };
  onload: (() => void) | null = null;
  onerror: ((event: Error) => void) | null = null;
  status = 0;
  responseText = "";
  private method = "GET";
  private url = "";
  private readonly headers: Record<string, string> = {};
  private answered: IncomingMessage["headers"] = {};
  private request: ClientRequest | null = null;
  private over = false;
  private life: Life | null = null;

  open(method: string, url: string): void {
    this.method = method;
    this.url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.headers[name] = String(value);
  }

  getResponseHeader(name: string): string | null {
    const value = this.answered[name.toLowerCase()];
    return value === undefined ? null : String(value);
  }

  send(body: Blob | null): void {
    void this.start(body).catch((error: Error) => this.end(() => this.onerror?.(error)));
  }

  abort(): void {
    this.over = true;
    this.request?.destroy();
  }

  private async start(body: Blob | null): Promise<void> {
    const bytes = body === null ? new Uint8Array(0) : new Uint8Array(await body.arrayBuffer());
    const network = networks.get(new URL(this.url).origin);
    if (network === undefined) throw new Error(`nobody of ours lives at ${this.url}`);
    this.life = network.life;
    if (this.over || !this.life.step()) return;
    this.request = network.send(this.method, this.url, this.headers, bytes);
    this.request.on("error", (error) => this.end(() => this.onerror?.(error)));
    this.request.on("response", (response) => this.read(response));
    this.request.end(bytes, () =>
      this.upload.onprogress?.({ lengthComputable: true, loaded: bytes.length, total: bytes.length }),
    );
  }

  private read(response: IncomingMessage): void {
    const parts: Buffer[] = [];
    response.on("data", (part: Buffer) => parts.push(part));
    response.on("error", (error) => this.end(() => this.onerror?.(error)));
    response.on("end", () => {
      if (!response.complete) return this.end(() => this.onerror?.(new Error("cut")));
      this.status = response.statusCode ?? 0;
      this.answered = response.headers;
      this.responseText = Buffer.concat(parts).toString();
      this.end(() => this.onload?.());
    });
  }

  private end(tell: () => void): void {
    if (this.over) return;
    this.over = true;
    if (this.life?.step() !== false) tell();
  }
}

// tus-js-client looks for `localStorage` in `window`, which a worker's context has not either.
Object.assign(globalThis, { XMLHttpRequest: XhrOverHttp, window: {} });
