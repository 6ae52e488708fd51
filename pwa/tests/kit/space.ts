import type { Change, Commit, PulledRecord, Reason, Result } from "../../src/store/index.ts";

/** What the server in memory keeps of one space, and how a change alters it. */

export interface Stored extends PulledRecord {}

export interface Space {
  epoch: string;
  head: number;
  records: Map<string, Stored>;
  chain: string[];
  receipts: Map<string, { result: Result; payload: string }>;
  parked: Map<string, { commit: Commit; reason: Reason; discarded: boolean }>;
  versions: Set<string>;
}

export interface Envelope {
  user: string;
  device: string;
  unsent: number;
  commits: Commit[];
}

export function emptySpace(epoch: string): Space {
  return {
    epoch,
    head: 0,
    records: new Map(),
    chain: [""],
    receipts: new Map(),
    parked: new Map(),
    versions: new Set(),
  };
}

export function created(change: Change, seq: number): Stored {
  return {
    kind: change.kind,
    id: change.record,
    seq,
    deleted: false,
    data: {},
    created_by_change: change.id,
    last_change: change.id,
    versions: {},
    contested: [],
  };
}

export function elements(record: Stored, change: Change): void {
  for (const [field, added] of Object.entries(change.add ?? {})) {
    const present = (record.data[field] ?? []) as { id: string }[];
    const ids = new Set(present.map(({ id }) => id));
    record.data[field] = [...present, ...added.filter(({ id }) => !ids.has(id))];
    if (change.op === "patch") record.versions[field] = change.id;
  }
}

/** A base or a record that this space has never seen parks the commit until it arrives. */
export function missing(space: Space, commit: Commit): Reason | null {
  const own = new Set(commit.changes.map(({ id }) => id));
  const made = new Set(commit.changes.filter(({ op }) => op === "create").map(({ record }) => record));
  for (const change of commit.changes) {
    if (change.op === "create") continue;
    if (!space.records.has(change.record) && !made.has(change.record))
      return { code: "not_found", change: change.id };
    for (const base of Object.values(change.base ?? {})) {
      if (base !== null && !own.has(base) && !space.versions.has(base)) {
        return { code: "unknown_base", change: change.id };
      }
    }
  }
  return null;
}

export function parkedResult(commit: string, reason: Reason): Result {
  return { commit, status: "parked", replayed: false, seqs: {}, conflicts: [], reason };
}

export function answer(status: number, body?: unknown, headers: Record<string, string> = {}): Response {
  const content = status === 204 ? null : JSON.stringify(body);
  return new Response(content, { status, headers: { "Content-Type": "application/json", ...headers } });
}
