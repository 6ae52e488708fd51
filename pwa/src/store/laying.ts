import type { Core } from "./core";
import type { Tx } from "./idb";
import { type LaidChange, layOver, type RecordState } from "./overlay";
import { OUTBOX, type OutboxRow, VIEW, type ViewRow } from "./schema";
import type { Change, Result } from "./types";

/** A commit that lies over the base, opened. */
export interface LaidCommit {
  row: OutboxRow;
  changes: Change[];
  seqs: Result["seqs"];
}

/** New view rows of some records; `gone` are those over which nothing lies any more. */
export interface Relaid {
  rows: ViewRow[];
  gone: string[];
}

/** The commits of `space` that lie over the base, in the order they were made. */
export async function laidCommits(core: Core, space: string): Promise<LaidCommit[]> {
  const rows = await core.database.run([OUTBOX], "read", (tx) =>
    tx.indexed<OutboxRow>(OUTBOX, "laid", IDBKeyRange.only([space, 1])),
  );
  rows.sort((a, b) => a.n - b.n || (a.id < b.id ? -1 : 1));
  return Promise.all(rows.map((row) => openLaid(core, row)));
}

export async function openLaid(core: Core, row: OutboxRow): Promise<LaidCommit> {
  const { commit, result } = await core.rows.toEntry(row);
  return { row, changes: commit.changes, seqs: row.state === "acknowledged" ? (result?.seqs ?? {}) : {} };
}

function changesByRecord(commits: LaidCommit[], ids: ReadonlySet<string>): Map<string, LaidChange[]> {
  const found = new Map<string, LaidChange[]>();
  for (const { row, changes, seqs } of commits) {
    for (const change of changes) {
      if (!ids.has(change.record)) continue;
      const laid: LaidChange = {
        change,
        seq: seqs[change.id] ?? 0,
        acknowledged: row.state === "acknowledged",
        parked: row.state === "parked",
      };
      const list = found.get(change.record);
      if (list === undefined) found.set(change.record, [laid]);
      else list.push(laid);
    }
  }
  return found;
}

/** Lays `commits` over the given bases (a row per key), sealed and ready to be written. */
export async function relay(
  core: Core,
  space: string,
  bases: ReadonlyMap<string, RecordState | null>,
  commits: LaidCommit[],
): Promise<Relaid> {
  const changes = changesByRecord(commits, new Set(bases.keys()));
  const relaid: Relaid = { rows: [], gone: [] };
  for (const [id, base] of bases) {
    const laid = layOver(core.kinds, space, base, changes.get(id) ?? []);
    if (laid === null) relaid.gone.push(id);
    else relaid.rows.push(await core.rows.toView(laid.state, laid.pending, laid.parked));
  }
  return relaid;
}

export function putRelaid(tx: Tx, relaid: Relaid): void {
  for (const row of relaid.rows) tx.put(VIEW, row);
  for (const id of relaid.gone) tx.delete(VIEW, id);
}
