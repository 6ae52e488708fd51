import { Blobs } from "./blobs";
import { type Listener, Notifier } from "./changed";
import { spaceChecksum } from "./checksum";
import { type Core, spaceRows } from "./core";
import { Drafts } from "./drafts";
import { type Disk, Ground } from "./ground";
import { Database } from "./idb";
import { Journal } from "./journal";
import { Outbox } from "./outbox";
import { type Applied, type Asked, applyPage, forgetSpaces, nextQuestion, startShadow } from "./pages";
import { Queries } from "./queries";
import { Room, type StorageManagerLike } from "./room";
import { Rows } from "./rows";
import { NEXT_N, type Saved, saveCommit } from "./save";
import { META, upgrade, VERSION } from "./schema";
import { openSeal, SealedJson } from "./seal";
import type { ClockStamp, CommitDraft, Cursor, Kinds, PullPage } from "./types";
import { Writer } from "./writer";

export interface ReplicaOptions {
  /** Origin of the server; with the user it names the database. */
  server: string;
  /** Id of the signed-in user's person record. */
  user: string;
  /** Merge units and clear fields of each kind: `KINDS` of the contract. */
  kinds: Kinds;
  /** Milliseconds since 1970 by the server's clock, as well as it is known; by default from `stamp`'s offset. */
  now?: () => number;
  /** Device time with offset, and what is known of its clock; `ClockWatch.stamp` of sync. */
  stamp: () => { made_at: string; clock: ClockStamp };
  /** From which number on commits count if this replica is new (after a wipe). */
  firstN?: number;
  factory?: IDBFactory;
  storage?: StorageManagerLike | null;
  /** Null: nobody can tell how much room the disk has. */
  disk?: Disk | null;
}

/** The device's replica for one user of one server: `protocol.md` section 5. */
export class Replica {
  readonly server: string;
  readonly user: string;
  readonly kinds: Kinds;
  readonly name: string;
  readonly queries: Queries;
  readonly outbox: Outbox;
  readonly blobs: Blobs;
  readonly drafts: Drafts;
  readonly room: Room;
  readonly journal: Journal;
  private readonly core: Core;
  private readonly firstN: number;

  constructor(options: ReplicaOptions) {
    const { server, user, kinds } = options;
    this.server = server;
    this.user = user;
    this.kinds = kinds;
    this.name = `rounds:${server}:${user}`;
    this.firstN = options.firstN ?? 1;
    const notifier = new Notifier(this.name);
    const ground = new Ground(options.disk ?? null, () => notifier.tell({ meta: true }));
    const database = new Database(this.name, VERSION, upgrade, options.factory ?? indexedDB, ground);
    this.core = {
      database,
      ground,
      kinds,
      rows: new Rows(new SealedJson(openSeal()), kinds),
      writer: new Writer(database),
      notifier,
      now: options.now ?? (() => Date.now() - Math.round(options.stamp().clock.offset * 1000)),
      stamp: options.stamp,
    };
    this.queries = new Queries(this.core);
    this.outbox = new Outbox(this.core);
    this.blobs = new Blobs(this.core);
    this.drafts = new Drafts(this.core);
    this.journal = new Journal(this.core);
    const storage = options.storage === undefined ? browserStorage() : options.storage;
    this.room = new Room(ground, storage);
  }

  /** Opens the database; nothing else waits for the network. */
  async open(): Promise<this> {
    // Most starts find it there, and a start should not wait for what comes before a write.
    const n = await this.core.database.run([META], "read", (tx) => tx.get(META, NEXT_N));
    if (n !== undefined) return this;
    await this.core.database.run([META], "write", async (tx) => {
      if ((await tx.get(META, NEXT_N)) === undefined) tx.put(META, this.firstN, NEXT_N);
    });
    return this;
  }

  /**
   * Saves one act; resolved when it is on the disk, which is when a screen may say "saved". `finishes` names the
   * draft that ends with it. Throws `CommitTooLarge` before anything is written, `StorageFull` when nothing was.
   */
  async save(draft: CommitDraft, finishes?: string): Promise<Saved> {
    if (finishes !== undefined) await this.drafts.finish(finishes);
    try {
      return await saveCommit(this.core, draft, finishes);
    } catch (error) {
      if (finishes !== undefined) this.drafts.reopen(finishes);
      throw error;
    }
  }

  /** Hears of every completed change in this tab and the others. Returns the end of it. */
  subscribe(listener: Listener): () => void {
    return this.core.notifier.subscribe(listener);
  }

  /** How far each space is followed; a space is missing until its first pull is complete. */
  async cursors(): Promise<Cursor[]> {
    const rows = await this.core.database.run([META], "read", spaceRows);
    return rows.map(({ space, epoch, seq, at }) => ({ space, epoch, seq, at }));
  }

  nextQuestion(space: string): Promise<Asked> {
    return nextQuestion(this.core, space);
  }

  applyPage(asked: Asked, page: PullPage): Promise<Applied> {
    return applyPage(this.core, asked, page);
  }

  /** Begins to fill `space` anew beside what is shown. */
  async rebuild(space: string): Promise<void> {
    await startShadow(this.core, space);
  }

  forgetSpaces(keep: readonly string[]): Promise<string[]> {
    return forgetSpaces(this.core, keep);
  }

  checksum(space: string): Promise<{ seq: number; checksum: string }> {
    return spaceChecksum(this.core, space);
  }

  /** Small facts that the sync keeps between runs (clock, last contact); no personal data. */
  async fact<T>(key: string): Promise<T | null> {
    return this.core.database.run(
      [META],
      "read",
      async (tx) => (await tx.get<T>(META, `fact:${key}`)) ?? null,
    );
  }

  async setFact(key: string, value: unknown): Promise<void> {
    await this.core.database.run([META], "write", (tx) => tx.put(META, value, `fact:${key}`));
    this.core.notifier.tell({ meta: true });
  }

  /** Closed, or wiped in this tab or another. */
  get closed(): boolean {
    return this.core.database.closed;
  }

  close(): void {
    this.core.notifier.close();
    this.core.database.close();
  }

  /** Removes everything of this user from the device. Returns the number at which a new replica must go on. */
  async wipe(): Promise<number> {
    const n = await this.core.database.run([META], "read", (tx) => tx.get<number>(META, NEXT_N));
    this.core.notifier.close();
    await this.core.database.destroy();
    return n ?? this.firstN;
  }

  /** Wipes this replica and those of everybody else on this device; each one's number by user. */
  async wipeAll(): Promise<Map<string, number>> {
    const wiped = new Map([[this.user, await this.wipe()]]);
    const prefix = `rounds:${this.server}:`;
    for (const name of await this.core.database.others(prefix)) {
      const database = this.core.database.sibling(name);
      const n = await database
        .run([META], "read", (tx) => tx.get<number>(META, NEXT_N))
        .catch(() => undefined);
      await database.destroy();
      if (n !== undefined) wiped.set(name.slice(prefix.length), n);
    }
    return wiped;
  }
}

function browserStorage(): StorageManagerLike | null {
  return typeof navigator === "undefined" ? null : (navigator.storage ?? null);
}

/** Opens (or makes) the replica of one user. */
export function openReplica(options: ReplicaOptions): Promise<Replica> {
  return new Replica(options).open();
}
