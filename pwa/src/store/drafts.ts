import type { Core } from "./core";
import { BLOBS, type BlobRow, BYTES, DRAFTS, type DraftRow } from "./schema";
import type { Draft } from "./types";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Unfinished work, saved at every touch; gone in the same transaction as the commit that finishes it. */
export class Drafts {
  /** The newest content that waits for its turn, by draft; older ones in between need not be written. */
  private readonly waiting = new Map<string, Draft>();
  private readonly writing = new Map<string, Promise<void>>();
  private readonly finished = new Set<string>();

  constructor(private readonly core: Core) {}

  /**
   * Saves a draft; resolved when this content, or newer, is on the disk. Throws `StorageFull`. Each piece of work has
   * a UUID of its own, because a draft that was finished is never written again (a late touch would revive it).
   */
  async put(draft: Omit<Draft, "saved_at">): Promise<void> {
    if (!UUID.test(draft.id)) throw new TypeError(`the id of a draft is a UUID, not ${draft.id}`);
    if (this.finished.has(draft.id)) return;
    this.waiting.set(draft.id, { ...draft, saved_at: this.core.now() });
    const before = this.writing.get(draft.id) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.writeNewest(draft.id));
    this.writing.set(draft.id, turn);
    return turn;
  }

  /** No later `put` of this draft is written any more; waits for the one under way. Called before its commit. */
  async finish(id: string): Promise<void> {
    this.finished.add(id);
    this.waiting.delete(id);
    await this.writing.get(id)?.catch(() => undefined);
  }

  /** Its commit was not saved after all: the draft lives on. */
  reopen(id: string): void {
    this.finished.delete(id);
  }

  async get<D>(id: string): Promise<Draft<D> | null> {
    const row = await this.core.database.run([DRAFTS], "read", (tx) => tx.get<DraftRow>(DRAFTS, id));
    return row === undefined ? null : this.open<D>(row);
  }

  /** All drafts, or those of one kind, oldest first. */
  async list<D>(kind?: string): Promise<Draft<D>[]> {
    const rows = await this.core.database.run([DRAFTS], "read", (tx) => tx.getAll<DraftRow>(DRAFTS));
    const wanted = rows.filter((row) => kind === undefined || row.kind === kind);
    wanted.sort((a, b) => a.saved_at - b.saved_at);
    return Promise.all(wanted.map((row) => this.open<D>(row)));
  }

  /** Throws unfinished work away, with the photos that only it holds. */
  async discard(id: string): Promise<void> {
    await this.finish(id);
    await this.core.database.run([DRAFTS, BLOBS, BYTES], "strict", async (tx) => {
      const rows = await tx.getAll<DraftRow>(DRAFTS);
      const held = new Set(rows.filter((row) => row.id !== id).flatMap((row) => row.blobs));
      for (const sha256 of rows.find((row) => row.id === id)?.blobs ?? []) {
        const blob = await tx.get<BlobRow>(BLOBS, sha256);
        if (held.has(sha256) || blob === undefined || blob.commits.length > 0) continue;
        tx.delete(BLOBS, sha256);
        tx.delete(BYTES, sha256);
      }
      tx.delete(DRAFTS, id);
    });
    this.core.notifier.tell({ drafts: true, blobs: true });
  }

  private async writeNewest(id: string): Promise<void> {
    const draft = this.waiting.get(id);
    if (draft === undefined) return;
    this.waiting.delete(id);
    const { kind, blobs, saved_at } = draft;
    const sealed = await this.core.rows.json.write(draft.data);
    const row: DraftRow = { id, kind, blobs, saved_at, sealed };
    await this.core.database.run([DRAFTS], "strict", (tx) => tx.put(DRAFTS, row));
    this.core.notifier.tell({ drafts: true });
  }

  private async open<D>(row: DraftRow): Promise<Draft<D>> {
    const { id, kind, blobs, saved_at } = row;
    return { id, kind, blobs, saved_at, data: await this.core.rows.json.read<D>(row.sealed) };
  }
}
