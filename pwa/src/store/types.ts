/** The words that the device's replica and everything around it share (`protocol.md` sections 1, 2, 5). */

export type RecordData = Record<string, unknown>;

/** An element of a union or append field. */
export interface Element {
  id: string;
  value: unknown;
}

/** What the replica must know of a kind: its merge units and the fields that stay readable when sealed. */
export interface KindMeta {
  readonly units: Readonly<Record<string, { readonly fields: readonly string[]; readonly policy: string }>>;
  readonly clear?: Readonly<Record<string, string>>;
}
export type Kinds = Readonly<Record<string, KindMeta>>;

/** One change as it travels; `base` names for each unit the change that wrote the value the user saw. */
export interface Change {
  id: string;
  op: "create" | "patch" | "delete";
  kind: string;
  record: string;
  base?: Record<string, string | null>;
  set?: RecordData;
  add?: Record<string, Element[]>;
  remove?: Record<string, string[]>;
  audience?: string[];
}

/** Offset in seconds, device minus server, as measured at the last contact. */
export interface ClockStamp {
  offset: number;
  jumped: boolean;
}

/** What `makeCommit` builds; number and time are given by the save. `blobs`: sha256 of the bytes it refers to. */
export interface CommitDraft {
  id: string;
  space: string;
  changes: Change[];
  blobs: string[];
}

/** A commit as it travels. */
export interface Commit {
  id: string;
  n: number;
  made_at: string;
  clock: ClockStamp;
  format: number;
  changes: Change[];
}

/** A record as a pull brings it. */
export interface PulledRecord {
  kind: string;
  id: string;
  seq: number;
  deleted: boolean;
  data: RecordData;
  created_by_change: string;
  last_change: string;
  versions: Record<string, string | null>;
  contested: string[];
}

/** One page of a pull. */
export interface PullPage {
  epoch: string;
  since: number;
  to: number;
  head: number;
  at: string;
  backed_up_seq?: number | null;
  more: boolean;
  records: PulledRecord[];
  checksum?: string | null;
}

/**
 * A record as screens read it: what the server last said with this device's own changes laid over it.
 * `pending`: some of it is still on its way; `parked`: some of it could not be applied; `seq` 0: only here so far.
 */
export interface ViewRecord<Data = RecordData> {
  readonly id: string;
  readonly kind: string;
  readonly space: string;
  readonly seq: number;
  readonly deleted: boolean;
  readonly data: Data;
  readonly created_by_change: string;
  readonly last_change: string;
  readonly versions: Readonly<Record<string, string | null>>;
  readonly contested: readonly string[];
  readonly pending: boolean;
  readonly parked: boolean;
}

/**
 * Where a commit of this device stands. `pending`: not acknowledged; `acknowledged`: taken in by the server;
 * `parked`: kept whole on the server, not applied; `aside`: the server cannot read the request that carries it,
 * so it is retried alone now and then.
 */
export type CommitState = "pending" | "acknowledged" | "parked" | "aside";

export interface Reason {
  code: string;
  detail?: unknown;
  change?: string | null;
}

/** The server's answer to one commit. */
export interface Result {
  commit: string;
  status: "applied" | "merged" | "conflict" | "parked" | "retry";
  replayed: boolean;
  seqs: Record<string, number | null>;
  conflicts: string[];
  reason?: Reason | null;
}

/** A commit in the outbox, opened. */
export interface OutboxEntry {
  id: string;
  space: string;
  n: number;
  state: CommitState;
  made_at: string;
  bytes: number;
  commit: Commit;
  result: Result | null;
}

/** How far a space has been followed. */
export interface Cursor {
  space: string;
  epoch: string;
  seq: number;
  at: string;
}

/**
 * Where the bytes of a photo stand. `local`: only here; `uploading`: begun; `sent`: all bytes gone up, not yet
 * confirmed; `held`: the server holds and has hashed them; `refused`: the server will not take them (see `reason`).
 */
export type BlobState = "local" | "uploading" | "sent" | "held" | "refused";

export interface BlobInfo {
  sha256: string;
  size: number;
  type: string;
  state: BlobState;
  made_at: number;
  /** Commits that refer to it; empty while only a draft does. */
  commits: string[];
  upload_url: string | null;
  sent_bytes: number;
  reason: string | null;
  /** Milliseconds since 1970 when a `have` asked after the acknowledgement said yes, else null. */
  verified_at: number | null;
}

/** An unfinished piece of work, saved at every touch. `data` belongs to the screen. */
export interface Draft<Data = unknown> {
  id: string;
  kind: string;
  data: Data;
  /** Blobs that it holds; they go with it when it is discarded. */
  blobs: string[];
  saved_at: number;
}

/** What changed; screens decide by it whether to read again. Empty `kinds`: no record changed. */
export interface Changed {
  kinds: string[];
  records: string[];
  /** A commit was saved, in this tab or another. */
  saved: boolean;
  outbox: boolean;
  blobs: boolean;
  drafts: boolean;
  meta: boolean;
}

/** Counts for the status line. `oldest`: when the oldest unsent commit or photo was made, corrected. */
export interface Backlog {
  commits: number;
  parked: number;
  aside: number;
  commit_bytes: number;
  photos: number;
  photo_bytes: number;
  refused_photos: number;
  oldest: string | null;
}
