/** A photo made ready to be stored and sent: at most 1,600 px and 300 kB, JPEG, without its metadata. */
export interface PreparedPhoto {
  blob: Blob;
  sha256: string;
  width: number;
  height: number;
  /** When it was taken, RFC 3339 with offset, from the camera's own note; null when there is none. */
  taken_at: string | null;
}

/** `not_an_image`: no browser can read it; `too_large`: above 60 megapixels or 60 MB; `failed`: the worker broke. */
export class PhotoFailure extends Error {
  constructor(readonly code: "not_an_image" | "too_large" | "failed") {
    super(code);
    this.name = "PhotoFailure";
  }
}

/** What goes to the image worker and comes back (see `../worker/image-worker.ts`). */
export interface ImageRequest {
  id: number;
  file: Blob;
}
export type ImageAnswer = { id: number } & (
  | { ok: true; photo: PreparedPhoto }
  | { ok: false; code: PhotoFailure["code"] }
);

/** What of a Worker is used. */
export interface ImageWorkerLike {
  postMessage(request: ImageRequest): void;
  addEventListener(type: "message", listener: (event: { data: ImageAnswer }) => void): void;
  addEventListener(type: "error", listener: () => void): void;
  terminate(): void;
}

/** Asks the image worker, one after the other; a worker that broke is replaced at the next photo. */
export class ImageDesk {
  private worker: ImageWorkerLike | null = null;
  private readonly waiting = new Map<
    number,
    { resolve(photo: PreparedPhoto): void; reject(error: Error): void }
  >();
  private next = 1;

  constructor(private readonly make: () => ImageWorkerLike) {}

  /** Resizes and encodes in the worker. Rejects with `PhotoFailure`. */
  prepare(file: Blob): Promise<PreparedPhoto> {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.open().postMessage({ id, file });
    });
  }

  private open(): ImageWorkerLike {
    if (this.worker !== null) return this.worker;
    const worker = this.make();
    worker.addEventListener("message", ({ data }) => this.answered(data));
    worker.addEventListener("error", () => this.broke(worker));
    this.worker = worker;
    return worker;
  }

  private answered(answer: ImageAnswer): void {
    const asker = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (answer.ok) asker?.resolve(answer.photo);
    else asker?.reject(new PhotoFailure(answer.code));
  }

  private broke(worker: ImageWorkerLike): void {
    worker.terminate();
    this.worker = null;
    for (const { reject } of this.waiting.values()) reject(new PhotoFailure("failed"));
    this.waiting.clear();
  }
}

let desk: ImageDesk | null = null;

/** Makes a photo from a camera or a file ready; the main thread only waits. Rejects with `PhotoFailure`. */
export function preparePhoto(file: Blob): Promise<PreparedPhoto> {
  desk ??= new ImageDesk(
    () =>
      new Worker(new URL("../worker/image-worker.ts", import.meta.url), {
        type: "module",
      }) as ImageWorkerLike,
  );
  return desk.prepare(file);
}
