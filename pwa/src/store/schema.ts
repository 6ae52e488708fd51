import type { BlobInfo, CommitState } from "./types";

/** The stores of one replica and their rows. In the clear stand only ids, kind, unit, due date and bookkeeping. */
export const VERSION = 2;

export const META = "meta";
export const BASE = "base";
export const VIEW = "view";
export const OUTBOX = "outbox";
export const BLOBS = "blobs";
export const BYTES = "blob_bytes";
export const DRAFTS = "drafts";
export const JOURNAL = "journal";
/** Held the ballast in form 1, which is a file now. */
const OLD_BALLAST = "ballast";

/** Form of a commit in the outbox. Frozen: a new form gets a new number, and old rows are read for ever. */
export const COMMIT_FORMAT = 1;

/**
 * What the server last said of one record. `era` numbers one filling of one space, so that a rebuild fills a new
 * era beside the old one and swaps by changing one number in `meta`.
 */
export interface BaseRow {
  era: number;
  id: string;
  kind: string;
  /** Absent in rows of deleted records, which keeps them out of the index. */
  unit?: string;
  due: string;
  space: string;
  seq: number;
  deleted: 0 | 1;
  last: string;
  sealed: Uint8Array;
}

/** A record that the outbox touches, with the outbox laid over it; hides the base row of the same id. */
export interface ViewRow extends Omit<BaseRow, "era"> {
  pending: 0 | 1;
  parked: 0 | 1;
}

export interface OutboxRow {
  id: string;
  space: string;
  n: number;
  format: number;
  state: CommitState;
  /** 1 while the commit is laid over the base. */
  laid: 0 | 1;
  records: string[];
  blobs: string[];
  made_at: string;
  /** Milliseconds since 1970, corrected; ages are told by it, since `made_at` is raw device time. */
  saved_at: number;
  bytes: number;
  /** Highest seq that the server gave, 0 while unknown; counts in `epoch`. */
  last_seq: number;
  epoch: string;
  /** Milliseconds since 1970 of the acknowledgement, or of the last question after a parked one; else 0. */
  settled_at: number;
  sealed: Uint8Array;
  answer: Uint8Array | null;
}

export type BlobRow = BlobInfo;

export interface BytesRow {
  sha256: string;
  sealed: Uint8Array;
}

export interface DraftRow {
  id: string;
  kind: string;
  blobs: string[];
  saved_at: number;
  sealed: Uint8Array;
}

export interface JournalRow {
  at: number;
  code: string;
  detail: string;
}

/** How far a space is followed; `meta` key `space:<id>`, and `shadow:<id>` while a rebuild is under way. */
export interface SpaceRow {
  space: string;
  epoch: string;
  seq: number;
  at: string;
  era: number;
  backed_up_seq: number | null;
}

/** `meta` key of the ids of commits that were parked, have been taken in since, and of which nobody has read that. */
export const HEALED = "healed";

export const spaceKey = (space: string) => `space:${space}`;
export const shadowKey = (space: string) => `shadow:${space}`;
export const everySpace = () => IDBKeyRange.bound("space:", "space:\uffff");

/** Range of all index keys that begin with `prefix`. */
export function startingWith(...prefix: (string | number)[]): IDBKeyRange {
  return IDBKeyRange.bound(prefix, [...prefix, []]);
}

export function upgrade(database: IDBDatabase, from: number): void {
  if (from === 1) database.deleteObjectStore(OLD_BALLAST);
  if (from < 1) create(database);
}

function create(database: IDBDatabase): void {
  database.createObjectStore(META);
  database
    .createObjectStore(BASE, { keyPath: ["era", "id"] })
    .createIndex("place", ["era", "kind", "unit", "due"]);
  const view = database.createObjectStore(VIEW, { keyPath: "id" });
  view.createIndex("place", ["kind", "unit", "due"]);
  view.createIndex("kind", "kind");
  const outbox = database.createObjectStore(OUTBOX, { keyPath: "id" });
  outbox.createIndex("n", "n");
  outbox.createIndex("state", ["state", "space"]);
  outbox.createIndex("laid", ["space", "laid"]);
  database.createObjectStore(BLOBS, { keyPath: "sha256" });
  database.createObjectStore(BYTES, { keyPath: "sha256" });
  database.createObjectStore(DRAFTS, { keyPath: "id" });
  database.createObjectStore(JOURNAL, { autoIncrement: true });
}
