import type { Core } from "./core";
import { CommitTooLarge, StoreFailure } from "./failures";
import type { Tx } from "./idb";
import { applyChange, type RecordState } from "./overlay";
import {
  BASE,
  type BaseRow,
  BLOBS,
  type BlobRow,
  COMMIT_FORMAT,
  DRAFTS,
  META,
  OUTBOX,
  type OutboxRow,
  type SpaceRow,
  spaceKey,
  VIEW,
  type ViewRow,
} from "./schema";
import type { Change, ClockStamp, CommitDraft } from "./types";

export const MOST_CHANGES = 200;
export const MOST_COMMIT_BYTES = 256 * 1024;
export const NEXT_N = "next_n";

/** What a save tells: the commit's id and its number on this device. */
export interface Saved {
  commit: string;
  n: number;
}

interface Ready {
  view: ViewRow[];
  outbox: Omit<OutboxRow, "n">;
}

/** UTF-8 bytes of the commit as it will travel, its number counted at the longest. */
export function commitBytes(draft: CommitDraft, stamp: { made_at: string; clock: ClockStamp }): number {
  const { id, changes } = draft;
  const travels = { id, n: Number.MAX_SAFE_INTEGER, ...stamp, format: COMMIT_FORMAT, changes };
  return new TextEncoder().encode(JSON.stringify(travels)).length;
}

/** Throws `CommitTooLarge` above 200 changes or 256 KB. */
export function checkLimits(draft: CommitDraft, stamp: { made_at: string; clock: ClockStamp }): number {
  const bytes = commitBytes(draft, stamp);
  if (draft.changes.length > MOST_CHANGES || bytes > MOST_COMMIT_BYTES) {
    throw new CommitTooLarge(draft.changes.length, bytes);
  }
  return bytes;
}

/**
 * Saves one act: outbox, view and blob references in one strict transaction; resolved when that is on the disk.
 * The blobs it refers to must have been put before. `draft` names the unfinished work that this commit finishes;
 * it goes in the same transaction. Fails whole: then nothing was written.
 */
export async function saveCommit(core: Core, draft: CommitDraft, finishes?: string): Promise<Saved> {
  const stamp = core.stamp();
  const bytes = checkLimits(draft, stamp);
  const saved = await core.writer.write(async () => {
    const ready = await prepare(core, draft, stamp, bytes);
    return {
      stores: [META, OUTBOX, VIEW, BLOBS, DRAFTS],
      durability: "strict",
      apply: (tx) => put(tx, ready, finishes),
    };
  });
  if (saved === null) throw new StoreFailure("busy", "nothing was saved");
  core.notifier.tell({
    kinds: [...new Set(draft.changes.map((change) => change.kind))],
    records: [...new Set(draft.changes.map((change) => change.record))],
    saved: true,
    outbox: true,
    blobs: draft.blobs.length > 0,
    drafts: finishes !== undefined,
  });
  return saved;
}

async function prepare(
  core: Core,
  draft: CommitDraft,
  stamp: { made_at: string; clock: ClockStamp },
  bytes: number,
): Promise<Ready> {
  const ids = [...new Set(draft.changes.map((change) => change.record))];
  const current = await currentStates(core, draft.space, ids);
  const states = layAll(core, draft.space, draft.changes, current);
  return {
    view: await Promise.all(states.map(({ state, parked }) => core.rows.toView(state, true, parked))),
    outbox: {
      id: draft.id,
      space: draft.space,
      format: COMMIT_FORMAT,
      state: "pending",
      laid: 1,
      records: ids,
      blobs: [...new Set(draft.blobs)],
      made_at: stamp.made_at,
      saved_at: core.now(),
      bytes,
      last_seq: 0,
      epoch: "",
      settled_at: 0,
      sealed: await core.rows.sealCommit(stamp.clock, draft.changes),
      answer: null,
    },
  };
}

interface Current {
  state: RecordState | null;
  parked: boolean;
}

async function currentStates(core: Core, space: string, ids: string[]): Promise<Map<string, Current>> {
  const rows = await core.database.run([META, BASE, VIEW], "read", async (tx) => {
    const followed = await tx.get<SpaceRow>(META, spaceKey(space));
    return Promise.all(
      ids.map(async (id) => {
        const view = await tx.get<ViewRow>(VIEW, id);
        if (view !== undefined || followed === undefined) return view;
        return tx.get<BaseRow>(BASE, [followed.era, id]);
      }),
    );
  });
  const states = await Promise.all(
    rows.map(async (row): Promise<Current> => {
      if (row === undefined) return { state: null, parked: false };
      return { state: await core.rows.toState(row), parked: "parked" in row && row.parked === 1 };
    }),
  );
  return new Map(ids.map((id, i) => [id, states[i] ?? { state: null, parked: false }]));
}

function layAll(core: Core, space: string, changes: Change[], current: Map<string, Current>) {
  const touched = new Map<string, { state: RecordState; parked: boolean }>();
  for (const change of changes) {
    const before = current.get(change.record);
    const state = applyChange(core.kinds, space, before?.state ?? null, change);
    if (state === null) continue;
    const next = { state, parked: before?.parked ?? false };
    current.set(change.record, next);
    touched.set(change.record, next);
  }
  return [...touched.values()];
}

async function put(tx: Tx, ready: Ready, finishes: string | undefined): Promise<Saved> {
  const commit = ready.outbox.id;
  // A second tap, or a try again after an answer that got lost: saved is saved.
  const present = await tx.get<OutboxRow>(OUTBOX, commit);
  if (present !== undefined) return { commit, n: present.n };
  const n = (await tx.get<number>(META, NEXT_N)) ?? 1;
  for (const sha256 of ready.outbox.blobs) {
    const blob = await tx.get<BlobRow>(BLOBS, sha256);
    if (blob === undefined) throw new StoreFailure("blob_missing", `no bytes are here for ${sha256}`);
    tx.put(BLOBS, { ...blob, commits: [...blob.commits, commit], verified_at: null });
  }
  tx.put(META, n + 1, NEXT_N);
  tx.put(OUTBOX, { ...ready.outbox, n });
  for (const row of ready.view) tx.put(VIEW, row);
  if (finishes !== undefined) tx.delete(DRAFTS, finishes);
  return { commit, n };
}
