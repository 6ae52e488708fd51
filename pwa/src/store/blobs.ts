import type { Core } from "./core";
import { StorageFull, StoreFailure } from "./failures";
import type { Tx } from "./idb";
import {
  BLOBS,
  type BlobRow,
  BYTES,
  type BytesRow,
  DRAFTS,
  type DraftRow,
  OUTBOX,
  type OutboxRow,
} from "./schema";
import type { BlobInfo } from "./types";

const DAY = 24 * 60 * 60 * 1000;
/** Bytes that neither a commit nor a draft came to hold: the battery died between the photo and the draft. */
const KEEP_FORGOTTEN = DAY;
/** Photos stay readable here for some days after the server has verified them. */
export const KEEP_VERIFIED = 3 * DAY;

async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function unverified(tx: Tx): Promise<Map<string, string>> {
  const marks = new Map<string, string>();
  for (const row of await tx.getAll<BlobRow>(BLOBS)) {
    if (row.verified_at !== null || row.commits.length === 0 || row.state === "refused") continue;
    const commits = await Promise.all(row.commits.map((id) => tx.get<OutboxRow>(OUTBOX, id)));
    // A commit that is no longer in the outbox was acknowledged and pruned.
    const acknowledged = commits.every((commit) => (commit?.state ?? "acknowledged") === "acknowledged");
    const mark = row.commits.map((id, i) => `${id}@${commits[i]?.settled_at ?? 0}`).join();
    if (acknowledged) marks.set(row.sha256, mark);
  }
  return marks;
}

async function heldByDrafts(tx: Tx): Promise<Set<string>> {
  return new Set((await tx.getAll<DraftRow>(DRAFTS)).flatMap((draft) => draft.blobs));
}

/** The bytes of photos, named by their sha256, and how far each has gone up. */
export class Blobs {
  /** Put in this run of the app: a screen may be about to use them, whatever the clock says. */
  private readonly fresh = new Set<string>();

  constructor(private readonly core: Core) {}

  /**
   * Stores bytes, before the commit that refers to them is saved; resolved when they are on the disk.
   * Bytes that are here already are kept once. Throws `StorageFull`; the ballast is not for them.
   */
  async put(blob: Blob): Promise<{ sha256: string; size: number }> {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const sha256 = await sha256Of(bytes);
    const sealed = await this.core.rows.json.seal.seal(bytes);
    const row: BlobRow = {
      sha256,
      size: bytes.length,
      type: blob.type,
      state: "local",
      made_at: this.core.now(),
      commits: [],
      upload_url: null,
      sent_bytes: 0,
      reason: null,
      verified_at: null,
    };
    if (!(await this.core.ground.spare())) throw new StorageFull();
    await this.core.database.run([BLOBS, BYTES], "strict", async (tx) => {
      if ((await tx.get(BLOBS, sha256)) !== undefined) return;
      tx.put(BLOBS, row);
      tx.put(BYTES, { sha256, sealed } satisfies BytesRow);
    });
    this.fresh.add(sha256);
    this.core.notifier.tell({ blobs: true });
    return { sha256, size: bytes.length };
  }

  /** The bytes as they were put, or null when they are not on this device (the server may serve them). */
  async bytes(sha256: string): Promise<Blob | null> {
    const { row, info } = await this.core.database.run([BLOBS, BYTES], "read", async (tx) => ({
      row: await tx.get<BytesRow>(BYTES, sha256),
      info: await tx.get<BlobRow>(BLOBS, sha256),
    }));
    if (row === undefined || info === undefined) return null;
    const plain = await this.core.rows.json.seal.unseal(row.sealed);
    return new Blob([plain as Uint8Array<ArrayBuffer>], { type: info.type });
  }

  /** Whether the bytes here still hash to their name. */
  async intact(sha256: string): Promise<boolean> {
    const blob = await this.bytes(sha256);
    return blob !== null && (await sha256Of(new Uint8Array(await blob.arrayBuffer()))) === sha256;
  }

  async info(sha256: string): Promise<BlobInfo | null> {
    const row = await this.core.database.run([BLOBS], "read", (tx) => tx.get<BlobRow>(BLOBS, sha256));
    return row ?? null;
  }

  /** All blobs here, oldest first. */
  async list(): Promise<BlobInfo[]> {
    const rows = await this.core.database.run([BLOBS], "read", (tx) => tx.getAll<BlobRow>(BLOBS));
    return rows.sort((a, b) => a.made_at - b.made_at);
  }

  /** Writes down how far an upload has come. Referring commits and verification are not for callers to set. */
  async update(
    sha256: string,
    part: Partial<Pick<BlobInfo, "state" | "upload_url" | "sent_bytes" | "reason">>,
  ): Promise<void> {
    await this.core.database.run([BLOBS], "write", async (tx) => {
      const row = await tx.get<BlobRow>(BLOBS, sha256);
      if (row !== undefined) tx.put(BLOBS, { ...row, ...part });
    });
    this.core.notifier.tell({ blobs: true });
  }

  /**
   * Blobs of which every referring commit is acknowledged and which no `have` has confirmed since, each with a mark
   * of those acknowledgements. Ask the server after this, then call `verified`.
   */
  toVerify(): Promise<Map<string, string>> {
    return this.core.database.run([BLOBS, OUTBOX], "read", unverified);
  }

  /** The server holds these, asked after `toVerify` gave `marks`; one whose commits moved since is left out. */
  async verified(held: readonly string[], marks: ReadonlyMap<string, string>): Promise<void> {
    await this.core.database.run([BLOBS, OUTBOX], "write", async (tx) => {
      const now = await unverified(tx);
      for (const sha256 of held) {
        const mark = now.get(sha256);
        const row = await tx.get<BlobRow>(BLOBS, sha256);
        if (row === undefined || mark === undefined || mark !== marks.get(sha256)) continue;
        tx.put(BLOBS, { ...row, state: "held", verified_at: this.core.now() });
      }
    });
    this.core.notifier.tell({ blobs: true });
  }

  /** Of what the server was said to hold before it had the commits, its word is asked for once more. */
  async doubt(): Promise<void> {
    await this.core.database.run([BLOBS], "write", async (tx) => {
      for (const row of await tx.getAll<BlobRow>(BLOBS)) {
        if (row.state === "held" && row.verified_at === null) tx.put(BLOBS, { ...row, state: "sent" });
      }
    });
  }

  /**
   * Deletes bytes that the server has verified for three days and that no draft holds, and bytes of an earlier run
   * that for a day nothing came to hold. Returns their names.
   */
  async prune(): Promise<string[]> {
    const gone = await this.core.database.run([BLOBS, BYTES, DRAFTS], "write", async (tx) => {
      const drafts = await heldByDrafts(tx);
      const rows = await tx.getAll<BlobRow>(BLOBS);
      const old = rows.filter((row) => !drafts.has(row.sha256) && (this.done(row) || this.forgotten(row)));
      for (const { sha256 } of old) {
        tx.delete(BLOBS, sha256);
        tx.delete(BYTES, sha256);
      }
      return old.map((row) => row.sha256);
    });
    if (gone.length > 0) this.core.notifier.tell({ blobs: true });
    return gone;
  }

  /** Throws away bytes that no commit refers to (a photo taken and not kept); another draft may still hold them. */
  async discard(sha256: string): Promise<void> {
    await this.core.database.run([BLOBS, BYTES, DRAFTS], "write", async (tx) => {
      const row = await tx.get<BlobRow>(BLOBS, sha256);
      if (row !== undefined && row.commits.length > 0) {
        throw new StoreFailure("busy", `a saved commit refers to ${sha256}`);
      }
      if ((await heldByDrafts(tx)).has(sha256)) return;
      tx.delete(BLOBS, sha256);
      tx.delete(BYTES, sha256);
    });
    this.core.notifier.tell({ blobs: true });
  }

  private done(row: BlobRow): boolean {
    return row.verified_at !== null && this.core.now() - row.verified_at > KEEP_VERIFIED;
  }

  private forgotten(row: BlobRow): boolean {
    const unheld = row.commits.length === 0 && !this.fresh.has(row.sha256);
    return unheld && this.core.now() - row.made_at > KEEP_FORGOTTEN;
  }
}
