import type { Core } from "./core";
import {
  BLOBS,
  type BlobRow,
  everySpace,
  HEALED,
  META,
  OUTBOX,
  type OutboxRow,
  type SpaceRow,
  startingWith,
} from "./schema";
import { type Answered, DISCARDED, sendAgain, setAside, settleCommits } from "./settle";
import type { Backlog, CommitState, OutboxEntry, Reason } from "./types";

const DAY = 24 * 60 * 60 * 1000;
/** A restored server can be filled again from what devices sent in this time. */
export const KEEP_ACKNOWLEDGED = 14 * DAY;

const inOrder = (rows: OutboxRow[]) => rows.sort((a, b) => a.n - b.n || (a.id < b.id ? -1 : 1));

/** What was saved here and where it stands. */
export class Outbox {
  constructor(private readonly core: Core) {}

  /** All commits in these states, in the order they were made. */
  async list(states: readonly CommitState[]): Promise<OutboxEntry[]> {
    const rows = await this.rows(...states);
    return Promise.all(rows.map((row) => this.core.rows.toEntry(row)));
  }

  /** The next commits of `space` to go up, numbered above `after`, at most `bytes` together and `count` many. */
  async next(space: string, bytes: number, count: number, after = 0): Promise<OutboxEntry[]> {
    const rows = await this.core.database.run([OUTBOX], "read", (tx) =>
      tx.indexed<OutboxRow>(OUTBOX, "state", IDBKeyRange.only(["pending", space])),
    );
    const batch: OutboxRow[] = [];
    let room = bytes;
    for (const row of inOrder(rows)) {
      if (row.n <= after) continue;
      room -= row.bytes + 1;
      if (batch.length > 0 && (room < 0 || batch.length >= count)) break;
      batch.push(row);
    }
    return Promise.all(batch.map((row) => this.core.rows.toEntry(row)));
  }

  /** Commits in `state` that the server was last asked about before `before` (milliseconds since 1970). */
  async waiting(state: "parked" | "aside", before: number): Promise<OutboxEntry[]> {
    const rows = (await this.rows(state)).filter((row) => row.settled_at <= before);
    const entries = await Promise.all(rows.map((row) => this.core.rows.toEntry(row)));
    return entries.filter((entry) => entry.result?.reason?.code !== DISCARDED);
  }

  /** Spaces that have commits in these states, by default unacknowledged ones. */
  async spaces(...states: CommitState[]): Promise<string[]> {
    const rows = await this.rows(...(states.length > 0 ? states : (["pending", "aside"] as const)));
    return [...new Set(rows.map((row) => row.space))];
  }

  /** How many commits the server has not acknowledged, over all spaces. */
  async unsent(): Promise<number> {
    return (await this.rows("pending", "aside")).length;
  }

  async backlog(): Promise<Backlog> {
    const open = await this.rows("pending", "aside");
    const parked = await this.rows("parked");
    const blobs = await this.core.database.run([BLOBS], "read", (tx) => tx.getAll<BlobRow>(BLOBS));
    const referred = blobs.filter((blob) => blob.commits.length > 0);
    const photos = referred.filter((blob) => blob.state !== "held" && blob.state !== "refused");
    const times = [...open.map((row) => row.saved_at), ...photos.map((blob) => blob.made_at)];
    return {
      commits: open.length,
      parked: parked.length,
      aside: open.filter((row) => row.state === "aside").length,
      commit_bytes: open.reduce((sum, row) => sum + row.bytes, 0),
      photos: photos.length,
      photo_bytes: photos.reduce((sum, blob) => sum + blob.size - blob.sent_bytes, 0),
      refused_photos: referred.length - referred.filter((blob) => blob.state !== "refused").length,
      oldest: times.length === 0 ? null : new Date(Math.min(...times)).toISOString(),
    };
  }

  /** Writes down what became of commits; those that are not named, or shall be retried, stay as they are. */
  settle(answered: Answered): Promise<void> {
    return settleCommits(this.core, answered);
  }

  /** Sets a commit visibly aside whose request the server cannot take. */
  setAside(space: string, id: string, reason: Reason): Promise<void> {
    return setAside(this.core, space, id, reason);
  }

  /**
   * For a server that was restored: marks what was acknowledged or parked in `space` as unsent again, unless in `epoch`.
   * Returns how many.
   */
  sendAgain(space: string, epoch: string | null = null): Promise<number> {
    return sendAgain(this.core, space, epoch);
  }

  /** Commits that were parked and have been taken in since, until the user has read that. */
  async healed(): Promise<OutboxEntry[]> {
    const rows = await this.core.database.run([OUTBOX, META], "read", async (tx) => {
      const ids = (await tx.get<string[]>(META, HEALED)) ?? [];
      return Promise.all(ids.map((id) => tx.get<OutboxRow>(OUTBOX, id)));
    });
    const held = rows.filter((row) => row?.state === "acknowledged") as OutboxRow[];
    return Promise.all(inOrder(held).map((row) => this.core.rows.toEntry(row)));
  }

  /** The user has read that a parked commit was given up, or taken in after all; it is no longer listed. Any other stays. */
  async dismiss(id: string): Promise<boolean> {
    const entry = (await this.list(["parked"])).find((parked) => parked.id === id);
    const ended = entry?.result?.reason?.code === DISCARDED;
    const dismissed = await this.core.database.run([OUTBOX, META], "write", async (tx) => {
      const healed = (await tx.get<string[]>(META, HEALED)) ?? [];
      if (ended) tx.delete(OUTBOX, id);
      tx.put(
        META,
        healed.filter((one) => one !== id),
        HEALED,
      );
      return ended || healed.includes(id);
    });
    if (dismissed) this.core.notifier.tell({ outbox: true });
    return dismissed;
  }

  /**
   * Lets go of acknowledged commits that are in a backup of the server, or older than 14 days; of those whose news
   * nobody has read, only by age.
   */
  async prune(): Promise<number> {
    const pruned = await this.core.database.run([OUTBOX, META], "write", async (tx) => {
      const spaces = new Map((await tx.getAll<SpaceRow>(META, everySpace())).map((row) => [row.space, row]));
      const news = new Set(await tx.get<string[]>(META, HEALED));
      const rows = await tx.indexed<OutboxRow>(OUTBOX, "state", startingWith("acknowledged"));
      const done = rows.filter(
        (row) => row.laid === 0 && this.safe(row, news.has(row.id) ? undefined : spaces.get(row.space)),
      );
      for (const row of done) tx.delete(OUTBOX, row.id);
      return done.length;
    });
    if (pruned > 0) this.core.notifier.tell({ outbox: true });
    return pruned;
  }

  private safe(row: OutboxRow, space: SpaceRow | undefined): boolean {
    const backed = space?.backed_up_seq ?? null;
    if (backed !== null && space?.epoch === row.epoch && row.last_seq <= backed) return true;
    return this.core.now() - row.settled_at > KEEP_ACKNOWLEDGED;
  }

  private async rows(...states: CommitState[]): Promise<OutboxRow[]> {
    const found = await this.core.database.run([OUTBOX], "read", (tx) =>
      Promise.all(states.map((state) => tx.indexed<OutboxRow>(OUTBOX, "state", startingWith(state)))),
    );
    return inOrder(found.flat());
  }
}
