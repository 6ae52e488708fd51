import type { BlobInfo } from "../store";
import type { Engine } from "./engine";
import type { Trouble } from "./transport";
import type { UploadEnd, Uploader } from "./tus";

/** As many hashes as one question may name. */
const MOST_ASKED = 500;

export interface BlobHooks {
  progress(sha256: string, sent: number): void;
}

/** Brings photos to the server, and lets go of them here only when the server has verified them. */
export class BlobSync {
  constructor(
    private readonly engine: Engine,
    private readonly upload: Uploader,
    private readonly hooks: BlobHooks,
  ) {}

  /** One round: ask, upload what is missing, ask again, delete what may go. Null when it came through. */
  async run(): Promise<Trouble | null> {
    const before = await this.open();
    const trouble = (await this.ask(before.map(({ sha256 }) => sha256))) ?? (await this.uploadAll());
    if (trouble !== null) return trouble;
    const sent = (await this.open()).filter(({ state }) => state === "sent").map(({ sha256 }) => sha256);
    const after = await this.ask(sent);
    if (after !== null) return after;
    const gone = await this.engine.replica.blobs.prune();
    if (gone.length > 0) await this.engine.replica.journal.note("photos_let_go", { count: gone.length });
    return null;
  }

  /** Whether photos wait to go up. */
  async waiting(): Promise<boolean> {
    return (await this.open()).length > 0;
  }

  /** Photos that a saved commit refers to and that the server is not known to hold. */
  private async open(): Promise<BlobInfo[]> {
    const all = await this.engine.replica.blobs.list();
    return all.filter((blob) => blob.commits.length > 0 && blob.state !== "held" && blob.state !== "refused");
  }

  /**
   * Asks which of `sent` the server holds, and of those whose commits are all acknowledged. The marks are taken
   * before the question, so that an answer never counts for an acknowledgement that came after it.
   */
  private async ask(sent: readonly string[]): Promise<Trouble | null> {
    const { replica, transport } = this.engine;
    const marks = await replica.blobs.toVerify();
    const names = [...new Set([...sent, ...marks.keys()])];
    for (let at = 0; at < names.length; at += MOST_ASKED) {
      const sha256 = names.slice(at, at + MOST_ASKED);
      const outcome = await transport.post<{ held: string[] }>("/blobs/have", { sha256 });
      if (outcome.kind !== "ok") return outcome;
      await this.note(sha256, new Set(outcome.value.held), marks);
    }
    return null;
  }

  private async note(asked: string[], held: Set<string>, marks: Map<string, string>): Promise<void> {
    const { blobs } = this.engine.replica;
    for (const sha256 of asked) {
      const info = await blobs.info(sha256);
      if (info === null) continue;
      if (held.has(sha256) && info.state !== "held") {
        await blobs.update(sha256, { state: "held", sent_bytes: info.size, reason: null });
      }
      // It was there once and is not any more: it goes up again.
      if (!held.has(sha256) && info.state === "held") {
        await blobs.update(sha256, { state: "local", sent_bytes: 0, upload_url: null });
      }
    }
    await blobs.verified(
      asked.filter((sha256) => held.has(sha256)),
      marks,
    );
  }

  private async uploadAll(): Promise<Trouble | null> {
    for (const blob of await this.open()) {
      const trouble = await this.uploadOne(blob);
      if (trouble !== null) return trouble;
    }
    return null;
  }

  private async uploadOne(blob: BlobInfo): Promise<Trouble | null> {
    const { blobs, journal } = this.engine.replica;
    const { sha256 } = blob;
    const bytes = await blobs.bytes(sha256);
    if (bytes === null) return null;
    const end = await this.upload({
      sha256,
      type: blob.type,
      bytes,
      url: blob.upload_url,
      began: (url) => blobs.update(sha256, { state: "uploading", upload_url: url, sent_bytes: 0 }),
      progress: (sent) => this.hooks.progress(sha256, sent),
      accepted: (sent) => blobs.update(sha256, { sent_bytes: sent }),
    });
    await journal.note("upload", { size: blob.size, end: end.kind });
    return this.settle(blob, end);
  }

  private async settle(blob: BlobInfo, end: UploadEnd): Promise<Trouble | null> {
    const { blobs } = this.engine.replica;
    switch (end.kind) {
      case "done":
        await blobs.update(blob.sha256, { state: "sent", sent_bytes: blob.size, reason: null });
        return null;
      case "lost":
        await blobs.update(blob.sha256, { state: "local", upload_url: null, sent_bytes: 0 });
        return null;
      case "mismatch":
        return this.mismatched(blob);
      case "never":
        await blobs.update(blob.sha256, {
          state: "refused",
          reason: end.code,
          upload_url: null,
          sent_bytes: 0,
        });
        return null;
      default:
        return end;
    }
  }

  /** Broken on the way, and sent anew; or broken on this disk, which a person must know. */
  private async mismatched(blob: BlobInfo): Promise<null> {
    const { blobs, journal } = this.engine.replica;
    const intact = await blobs.intact(blob.sha256);
    await journal.note("photo_mismatch", { intact });
    const state = intact ? ("local" as const) : ("refused" as const);
    const reason = intact ? null : "damaged_here";
    await blobs.update(blob.sha256, { state, reason, upload_url: null, sent_bytes: 0 });
    return null;
  }
}
