import { CLIENT_HEADER, retryAfter, type Trouble } from "./transport";

/** One photo to go up, or the rest of it. */
export interface UploadJob {
  sha256: string;
  type: string;
  bytes: Blob;
  /** Where an earlier run began; null: nowhere yet. */
  url: string | null;
  began(url: string): Promise<void>;
  progress(sent: number): void;
  /** The server has this many bytes. */
  accepted(bytes: number): Promise<void>;
}

/**
 * `never`: the server will not take these bytes, ever; `lost`: the upload is gone there, begin anew; `mismatch`: what
 * arrived does not hash to the announced name.
 */
export type UploadEnd =
  | { kind: "done" }
  | { kind: "never"; code: string }
  | { kind: "lost" }
  | { kind: "mismatch" }
  | Trouble;

export type Uploader = (job: UploadJob) => Promise<UploadEnd>;

/** Small pieces, so that a broken connection in a stairwell costs little. */
const PIECE = 128 * 1024;
/** Without a byte of progress for this long the connection counts as dead. */
const SILENCE = 60_000;
/** Answers that say "never": not an image, too large, too many pixels. */
const NEVER = new Set([400, 413, 415, 422]);

interface TusFailure extends Error {
  originalResponse?: {
    getStatus(): number;
    getBody(): string;
    getHeader(name: string): string | undefined;
  } | null;
}

/** Resumable upload by tus 1.0; the library is loaded when the first photo goes up. */
export function tusUploader(base: string, silence = SILENCE): Uploader {
  return async (job) => {
    const { Upload } = await import("tus-js-client");
    return new Promise<UploadEnd>((resolve) => {
      const notes = new Notes(job);
      const watchdog = new Watchdog(silence, () => {
        void upload.abort();
        end({ kind: "offline", cause: "timeout" });
      });
      const end = (value: UploadEnd) => {
        watchdog.stop();
        void notes.written().then(() => resolve(value));
      };
      const upload = new Upload(job.bytes, {
        endpoint: `${base}/blobs/tus`,
        uploadUrl: job.url,
        chunkSize: PIECE,
        retryDelays: null,
        storeFingerprintForResuming: false,
        headers: { [CLIENT_HEADER]: "1" },
        metadata: { sha256: job.sha256, mime: job.type },
        onUploadUrlAvailable: () => notes.address(upload.url),
        onProgress: (sent) => {
          watchdog.alive();
          job.progress(sent);
        },
        onChunkComplete: (_piece, accepted) => notes.accepted(accepted),
        onSuccess: () => end({ kind: "done" }),
        onError: (error) => end(judge(error)),
      });
      watchdog.alive();
      upload.start();
    });
  };
}

/** Writes to the store follow each other, and the end of the upload waits for them. */
class Notes {
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly job: UploadJob) {}

  address(url: string | null): void {
    if (url !== null && url !== this.job.url) this.queue(() => this.job.began(url));
  }

  accepted(bytes: number): void {
    this.queue(() => this.job.accepted(bytes));
  }

  written(): Promise<void> {
    return this.last;
  }

  private queue(step: () => Promise<void>): void {
    // A note that cannot be written costs a repeated upload, no more.
    this.last = this.last.then(step).catch(() => undefined);
  }
}

/** Calls back once nothing has been alive for `silence` milliseconds. */
class Watchdog {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly silence: number,
    private readonly bark: () => void,
  ) {}

  alive(): void {
    this.stop();
    this.timer = setTimeout(this.bark, this.silence);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

function judge(error: TusFailure | Error): UploadEnd {
  const response = (error as TusFailure).originalResponse ?? null;
  const status = response?.getStatus() ?? 0;
  if (response === null || status === 0) return { kind: "offline", cause: "network" };
  if (status === 401) return { kind: "unauthorised" };
  // 409: bytes of a connection that was thought dead arrived after all; the server says again how far it got.
  if (status === 409 || status === 429 || status === 503) {
    return { kind: "limited", wait: retryAfter(response.getHeader("Retry-After") ?? null, Date.now()) };
  }
  if (status === 502 || status === 504) return { kind: "offline", cause: "gateway" };
  if (status >= 500) return { kind: "failed", status, problem: null };
  const code = codeOf(response.getBody());
  if (code === "blob_mismatch") return { kind: "mismatch" };
  return NEVER.has(status) ? { kind: "never", code: code ?? `http_${status}` } : { kind: "lost" };
}

/** The code of the failure; of a refused photo the reason, which says more. */
function codeOf(body: string): string | null {
  try {
    const { code, detail } = JSON.parse(body) as { code?: unknown; detail?: { reason?: unknown } };
    const said = typeof detail?.reason === "string" ? detail.reason : code;
    return typeof said === "string" ? said : null;
  } catch {
    return null;
  }
}
