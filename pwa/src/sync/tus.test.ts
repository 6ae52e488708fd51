// @vitest-environment happy-dom
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tusUploader, type UploadJob } from "./tus.ts";

// In Node the package gives its Node half; what tablets run is the browser's.
vi.mock("tus-js-client", () => import("../../node_modules/tus-js-client/lib.esm/browser/index.js" as string));

/** A tus 1.0 server of core and creation, with faults on demand. */
class TusServer {
  readonly uploads = new Map<string, { size: number; bytes: Buffer; metadata: Record<string, string> }>();
  readonly requests: string[] = [];
  readonly headers: IncomingMessage["headers"][] = [];
  /** Answers the next PATCH after taking this many bytes by breaking the connection. */
  breakAfter: number | null = null;
  refusal: { status: number; body: string; headers?: Record<string, string> } | null = null;
  silent = false;
  private readonly server: Server = createServer((request, response) => void this.serve(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    this.requests.push(`${method} ${url}`);
    this.headers.push(request.headers);
    response.setHeader("Tus-Resumable", "1.0.0");
    if (method === "POST") this.create(request, response);
    else if (method === "HEAD") this.tell(url, response);
    else await this.patch(url, request, response);
  }

  private create(request: IncomingMessage, response: ServerResponse): void {
    const url = `/api/v1/blobs/tus/${this.uploads.size + 1}`;
    const pairs = String(request.headers["upload-metadata"]).split(",");
    const metadata = pairs.map((pair) => pair.split(" ") as [string, string]);
    const decoded = metadata.map(([key, value]) => [key, Buffer.from(value, "base64").toString()]);
    this.uploads.set(url, {
      size: Number(request.headers["upload-length"]),
      bytes: Buffer.alloc(0),
      metadata: Object.fromEntries(decoded),
    });
    response.writeHead(201, { Location: url }).end();
  }

  private tell(url: string, response: ServerResponse): void {
    const upload = this.uploads.get(url);
    if (upload === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "Upload-Offset": upload.bytes.length, "Upload-Length": upload.size }).end();
  }

  private async patch(url: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const upload = this.uploads.get(url);
    if (this.silent) return;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    if (this.refusal !== null) {
      response.writeHead(this.refusal.status, this.refusal.headers ?? {}).end(this.refusal.body);
      return;
    }
    if (upload === undefined || Number(request.headers["upload-offset"]) !== upload.bytes.length) {
      response.writeHead(409).end();
      return;
    }
    if (this.breakAfter !== null) {
      upload.bytes = Buffer.concat([upload.bytes, body.subarray(0, this.breakAfter)]);
      this.breakAfter = null;
      request.socket.destroy();
      return;
    }
    upload.bytes = Buffer.concat([upload.bytes, body]);
    response.writeHead(204, { "Upload-Offset": upload.bytes.length }).end();
  }
}

let server: TusServer;
let base: string;
const BYTES = new Uint8Array(300_000).map((_, i) => (i * 31) % 251);

beforeEach(async () => {
  server = new TusServer();
  const origin = await server.start();
  base = `${origin}/api/v1`;
  (window as unknown as { happyDOM: { setURL(url: string): void } }).happyDOM.setURL(`${origin}/`);
});
afterEach(() => server.stop());

function job(part: Partial<UploadJob> = {}) {
  const noted = { urls: [] as string[], accepted: [] as number[], progress: 0 };
  const made: UploadJob = {
    sha256: "ab".repeat(32),
    type: "image/jpeg",
    bytes: new Blob([BYTES]),
    url: null,
    began: async (url) => void noted.urls.push(url),
    progress: (sent) => {
      noted.progress = sent;
    },
    accepted: async (bytes) => void noted.accepted.push(bytes),
    ...part,
  };
  return { made, noted };
}

test("a photo goes up in pieces, named by its sha256 and type", async () => {
  const { made, noted } = job();
  expect(await tusUploader(base)(made)).toEqual({ kind: "done" });
  const [[url, upload]] = server.uploads as unknown as [[string, { bytes: Buffer; metadata: object }]];
  expect(Buffer.compare(upload.bytes, Buffer.from(BYTES))).toBe(0);
  expect(upload.metadata).toEqual({ sha256: "ab".repeat(32), mime: "image/jpeg" });
  expect(noted.urls).toEqual([new URL(url, base).href]);
  expect(noted.accepted).toEqual([131_072, 262_144, 300_000]);
  expect(server.headers[0]?.["x-rounds-client"]).toBe("1");
});

test("broken off and begun again in another run, it goes on where the server stopped", async () => {
  server.breakAfter = 50_000;
  const first = job();
  expect(await tusUploader(base)(first.made)).toEqual({ kind: "offline", cause: "network" });
  const [url = null] = first.noted.urls;
  server.requests.length = 0;
  const second = job({ url });
  expect(await tusUploader(base)(second.made)).toEqual({ kind: "done" });
  expect(server.requests[0]).toMatch(/^HEAD /);
  expect(server.requests.some((request) => request.startsWith("POST"))).toBe(false);
  expect(Buffer.compare([...server.uploads.values()][0]?.bytes ?? Buffer.alloc(0), Buffer.from(BYTES))).toBe(
    0,
  );
});

test("an upload that the server no longer knows begins anew", async () => {
  const { made, noted } = job({ url: `${base}/blobs/tus/gone` });
  expect(await tusUploader(base)(made)).toEqual({ kind: "done" });
  expect(noted.urls).toHaveLength(1);
});

test.each([
  [
    422,
    '{"code":"blob_refused","detail":{"reason":"not_an_image"}}',
    { kind: "never", code: "not_an_image" },
  ],
  [413, '{"code":"blob_too_large"}', { kind: "never", code: "blob_too_large" }],
  [400, "what?", { kind: "never", code: "http_400" }],
  [422, '{"code":"blob_mismatch"}', { kind: "mismatch" }],
  [460, '{"code":"upload_checksum"}', { kind: "lost" }],
  [409, '{"code":"upload_offset"}', { kind: "limited", wait: 7000 }],
  [401, "", { kind: "unauthorised" }],
  [429, "", { kind: "limited", wait: 7000 }],
  [502, "", { kind: "offline", cause: "gateway" }],
  [500, "", { kind: "failed", status: 500, problem: null }],
])("an answer of %i with %s", async (status, body, expected) => {
  server.refusal = { status, body, headers: { "Retry-After": "7" } };
  expect(await tusUploader(base)(job().made)).toEqual(expected);
});

test("a connection on which nothing moves is given up", async () => {
  server.silent = true;
  expect(await tusUploader(base, 100)(job().made)).toEqual({ kind: "offline", cause: "timeout" });
});
