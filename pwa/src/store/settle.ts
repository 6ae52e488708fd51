import { baseStates, type Core } from "./core";
import type { Tx } from "./idb";
import { laidCommits, openLaid, putRelaid, relay } from "./laying";
import {
  BLOBS,
  type BlobRow,
  HEALED,
  META,
  OUTBOX,
  type OutboxRow,
  type SpaceRow,
  spaceKey,
  VIEW,
} from "./schema";
import type { Reason, Result } from "./types";

/** The envelope of an answer to a push. */
export interface Answered {
  space: string;
  epoch: string;
  results: Result[];
}

/** A parked commit that the office gave up; it leaves the view and stays listed until the user has seen it. */
export const DISCARDED = "discarded";
/** What only waits for an earlier commit is taken in with it, and nobody need be told. */
const WAITING = "waiting";

/** Writes down what became of commits; commits that `results` does not name, or says `retry` to, stay as they are. */
export async function settleCommits(core: Core, answered: Answered): Promise<void> {
  const results = new Map(answered.results.map((result) => [result.commit, result]));
  await rewrite(core, answered.space, [...results.keys()], async (row, followed) => {
    const result = results.get(row.id);
    if (result === undefined || result.status === "retry") return null;
    return settled(core, row, result, answered.epoch, followed);
  });
}

/** Sets a commit aside whose request the server cannot take; it is tried again alone, and shown until then. */
export async function setAside(core: Core, space: string, id: string, reason: Reason): Promise<void> {
  await rewrite(core, space, [id], async (row) => {
    const result: Result = { commit: id, status: "retry", replayed: false, seqs: {}, conflicts: [], reason };
    return { ...row, state: "aside", settled_at: core.now(), answer: await core.rows.json.write(result) };
  });
}

/**
 * After a restore of the server: what is still held and was acknowledged or parked in another epoch than `epoch` (null:
 * in any) goes up again; also what was given up, for later work may name it. What had left the overlay stays out of it,
 * since the server most likely has it, or somebody gave it up; the answer decides.
 */
export async function sendAgain(core: Core, space: string, epoch: string | null): Promise<number> {
  const answered = ["acknowledged", "parked"] as const;
  const rows = await core.database.run([OUTBOX], "read", (tx) =>
    Promise.all(
      answered.map((state) => tx.indexed<OutboxRow>(OUTBOX, "state", IDBKeyRange.only([state, space]))),
    ),
  );
  const concerned = ({ state, epoch: of }: OutboxRow) =>
    of !== epoch && (state === "acknowledged" || state === "parked");
  const ids = rows
    .flat()
    .filter(concerned)
    .map((row) => row.id);
  await rewrite(core, space, ids, (row) =>
    Promise.resolve(concerned(row) ? { ...row, state: "pending", settled_at: 0 } : null),
  );
  return ids.length;
}

async function settled(
  core: Core,
  row: OutboxRow,
  result: Result,
  epoch: string,
  followed: SpaceRow | undefined,
): Promise<OutboxRow> {
  const answer = await core.rows.json.write(result);
  const known = { ...row, answer, epoch, settled_at: core.now() };
  if (result.status === "parked") {
    const laid = result.reason?.code === DISCARDED ? 0 : 1;
    return { ...known, state: "parked", laid };
  }
  const last = Math.max(0, ...Object.values(result.seqs).map((seq) => seq ?? 0));
  const passed = followed?.epoch === epoch ? last <= followed.seq : row.laid === 0;
  return { ...known, state: "acknowledged", last_seq: last, laid: passed ? 0 : 1 };
}

type Change = (row: OutboxRow, followed: SpaceRow | undefined) => Promise<OutboxRow | null>;

/** Changes rows of the outbox and lays the view of their records anew, in one transaction. */
async function rewrite(core: Core, space: string, ids: string[], change: Change): Promise<void> {
  if (ids.length === 0) return;
  let kinds: string[] = [];
  let records: string[] = [];
  const written = await core.writer.write(async () => {
    const { rows, followed } = await core.database.run([META, OUTBOX], "read", async (tx) => ({
      rows: await Promise.all(ids.map((id) => tx.get<OutboxRow>(OUTBOX, id))),
      followed: await tx.get<SpaceRow>(META, spaceKey(space)),
    }));
    const held = rows.filter((row) => row !== undefined);
    const changed = (await Promise.all(held.map((row) => change(row, followed)))).filter(
      (row) => row !== null,
    );
    if (changed.length === 0) return null;
    const after = new Map(changed.map((row) => [row.id, row]));
    records = [...new Set(changed.flatMap((row) => row.records))];
    const laid = (await laidCommits(core, space)).filter(({ row }) => !after.has(row.id));
    const opened = await Promise.all(changed.map((row) => openLaid(core, row)));
    kinds = [...new Set(opened.flatMap((commit) => commit.changes.map(({ kind }) => kind)))];
    laid.push(...opened.filter(({ row }) => row.laid === 1));
    laid.sort((a, b) => a.row.n - b.row.n);
    const bases = await baseStates(core, followed?.era ?? null, records);
    const relaid = await relay(core, space, bases, laid);
    const healed = await healedBy(core, held, after);
    return {
      stores: [OUTBOX, VIEW, BLOBS, META],
      // Losing an answer to a power cut costs one more question, so this need not wait for the disk.
      durability: "write",
      apply: async (tx) => {
        for (const row of changed) tx.put(OUTBOX, row);
        putRelaid(tx, relaid);
        await unverify(tx, changed);
        if (healed.length === 0) return;
        const before = (await tx.get<string[]>(META, HEALED)) ?? [];
        tx.put(META, [...new Set([...before, ...healed])], HEALED);
      },
    };
  });
  if (written !== null) core.notifier.tell({ kinds, records, outbox: true, blobs: true });
}

/** Commits that stood as parked, and were taken in now; also one that went up again after a restore. */
async function healedBy(
  core: Core,
  before: readonly OutboxRow[],
  after: ReadonlyMap<string, OutboxRow>,
): Promise<string[]> {
  const moved = before.filter(({ id, state, answer }) => {
    const settled = after.get(id)?.state === "acknowledged";
    return settled && answer !== null && state !== "acknowledged" && state !== "aside";
  });
  const told = await Promise.all(
    moved.map(async ({ id, answer }) => {
      const result = await core.rows.json.read<Result>(answer as Uint8Array);
      return result.status !== "parked" || result.reason?.code === WAITING ? [] : [id];
    }),
  );
  return told.flat();
}

/** Bytes count as verified only by a question after the acknowledgement of every commit that refers to them. */
async function unverify(tx: Tx, changed: OutboxRow[]): Promise<void> {
  const shas = new Set(changed.filter((row) => row.state !== "acknowledged").flatMap((row) => row.blobs));
  for (const sha256 of shas) {
    const blob = await tx.get<BlobRow>(BLOBS, sha256);
    if (blob !== undefined) tx.put(BLOBS, { ...blob, verified_at: null });
  }
}
