import { baseStates, type Core } from "./core";
import { StorageFull } from "./failures";
import { type LaidCommit, laidCommits, putRelaid, type Relaid, relay } from "./laying";
import type { RecordState } from "./overlay";
import {
  BASE,
  type BaseRow,
  META,
  OUTBOX,
  type OutboxRow,
  type SpaceRow,
  shadowKey,
  spaceKey,
  VIEW,
  type ViewRow,
} from "./schema";
import type { PullPage } from "./types";

const NEXT_ERA = "next_era";

/** What a page was asked with; a page that does not continue from here any more is dropped. */
export interface Asked {
  space: string;
  /** The row that `nextQuestion` gave. */
  from: SpaceRow;
  /** True while a rebuild fills a new era beside the one that is shown. */
  shadow: boolean;
}

/** `stale`: someone else moved the cursor meanwhile, nothing was written. */
export type Applied = "applied" | "stale";

/**
 * Where to pull `space` on from. A space that was never followed, or is being rebuilt, fills a shadow era that is
 * shown only when complete, since only `more: false` is a consistent state.
 */
export async function nextQuestion(core: Core, space: string): Promise<Asked> {
  const { followed, shadow } = await core.database.run([META], "read", async (tx) => ({
    followed: await tx.get<SpaceRow>(META, spaceKey(space)),
    shadow: await tx.get<SpaceRow>(META, shadowKey(space)),
  }));
  if (shadow !== undefined) return { space, from: shadow, shadow: true };
  if (followed !== undefined) return { space, from: followed, shadow: false };
  return { space, from: await startShadow(core, space), shadow: true };
}

/** Begins a rebuild of `space` from nothing, beside what is shown; the outbox is not touched. */
export async function startShadow(core: Core, space: string): Promise<SpaceRow> {
  const started = await core.writer.write<SpaceRow>(async () => ({
    stores: [META, BASE],
    durability: "write",
    apply: async (tx) => {
      const era = (await tx.get<number>(META, NEXT_ERA)) ?? 1;
      const before = await tx.get<SpaceRow>(META, shadowKey(space));
      if (before !== undefined) tx.delete(BASE, wholeEra(before.era));
      const row: SpaceRow = { space, epoch: "", seq: 0, at: "", era, backed_up_seq: null };
      tx.put(META, era + 1, NEXT_ERA);
      tx.put(META, row, shadowKey(space));
      return row;
    },
  }));
  if (started === null) throw new Error("a shadow always starts");
  return started;
}

/** All base rows of one filling of one space. */
export const wholeEra = (era: number) => IDBKeyRange.bound([era], [era, []]);

function following(asked: Asked, page: PullPage): SpaceRow {
  const { epoch, at } = page;
  const backed = page.backed_up_seq ?? null;
  return { space: asked.space, era: asked.from.era, epoch, seq: page.to, at, backed_up_seq: backed };
}

/**
 * Takes in one page: records, cursor, and the view of what is touched, in one transaction. The last page of a
 * rebuild also swaps the shadow in and drops the old era.
 */
export async function applyPage(core: Core, asked: Asked, page: PullPage): Promise<Applied> {
  const states = page.records.map((record): RecordState => ({ ...record, space: asked.space }));
  if (states.length === 0 && unchanged(asked, page)) return "applied";
  // What the server has anyway leaves the ballast to the checks.
  if (states.length > 0 && !(await core.ground.spare())) throw new StorageFull();
  const shows = !asked.shadow || !page.more;
  let touched = NO_TOUCH;
  const applied = await core.writer.write(async () => {
    if (!(await stillAt(core, asked))) return null;
    const rows = await Promise.all(states.map((state) => core.rows.toBase(state, asked.from.era)));
    if (shows) touched = await touch(core, asked, page, states);
    return {
      stores: [META, BASE, VIEW, OUTBOX],
      durability: "write",
      apply: async (tx) => {
        for (const row of rows) tx.put(BASE, row);
        if (shows && asked.shadow) {
          const old = await tx.get<SpaceRow>(META, spaceKey(asked.space));
          if (old !== undefined) tx.delete(BASE, wholeEra(old.era));
          tx.delete(META, shadowKey(asked.space));
        }
        tx.put(META, following(asked, page), shows ? spaceKey(asked.space) : shadowKey(asked.space));
        for (const row of touched.leaving) tx.put(OUTBOX, { ...row, laid: 0 });
        putRelaid(tx, touched.relaid);
        return "applied" as const;
      },
    };
  });
  if (applied === null) return "stale";
  tell(core, asked, states, touched, shows);
  return "applied";
}

/** Nothing to write: an empty page at the cursor. */
function unchanged({ from, shadow }: Asked, page: PullPage): boolean {
  const same = page.to === from.seq && page.epoch === from.epoch && page.at === from.at;
  return !shadow && same && (page.backed_up_seq ?? null) === from.backed_up_seq;
}

function tell(core: Core, asked: Asked, states: RecordState[], touched: Touched, shows: boolean): void {
  if (!shows) {
    core.notifier.tell({ meta: true });
    return;
  }
  const { rows, gone } = touched.relaid;
  core.notifier.tell({
    // After a swap anything may have changed, also what is no longer there.
    kinds: asked.shadow ? ["*"] : [...new Set([...states.map(({ kind }) => kind), ...touched.kinds])],
    records: asked.shadow ? [] : [...new Set([...states, ...rows].map(({ id }) => id).concat(gone))],
    outbox: touched.leaving.length > 0,
    meta: true,
  });
}

async function stillAt(core: Core, asked: Asked): Promise<boolean> {
  const key = asked.shadow ? shadowKey(asked.space) : spaceKey(asked.space);
  const now = await core.database.run([META], "read", (tx) => tx.get<SpaceRow>(META, key));
  const { from } = asked;
  return now !== undefined && now.era === from.era && now.seq === from.seq && now.epoch === from.epoch;
}

/** What a page changes in the overlay: commits that leave it, and the view of the records concerned. */
interface Touched {
  leaving: OutboxRow[];
  relaid: Relaid;
  kinds: string[];
}

const NO_TOUCH: Touched = { leaving: [], relaid: { rows: [], gone: [] }, kinds: [] };

async function touch(core: Core, asked: Asked, page: PullPage, states: RecordState[]): Promise<Touched> {
  const laid = await laidCommits(core, asked.space);
  // Seqs of another epoch say nothing here; such a commit goes up again.
  const passed = ({ row }: LaidCommit) =>
    row.state === "acknowledged" && row.epoch === page.epoch && row.last_seq <= page.to;
  const leaving = laid.filter(passed).map(({ row }) => row);
  const stays = laid.filter((commit) => !passed(commit));
  const ids = await touchedIds(core, asked, laid, states, leaving);
  const arrived = new Map(states.map((state) => [state.id, state]));
  const known = await baseStates(core, asked.from.era, ids);
  const bases = new Map(ids.map((id) => [id, arrived.get(id) ?? known.get(id) ?? null]));
  return {
    leaving,
    relaid: await relay(core, asked.space, bases, stays),
    kinds: laid.flatMap(({ changes }) => changes.map(({ kind }) => kind)),
  };
}

/** Of the records that lie in the view, those that this page may change; all of the space after a rebuild. */
async function touchedIds(
  core: Core,
  asked: Asked,
  laid: LaidCommit[],
  states: RecordState[],
  leaving: OutboxRow[],
): Promise<string[]> {
  if (!asked.shadow) {
    const overlaid = new Set(laid.flatMap(({ row }) => row.records));
    const arrived = states.filter(({ id }) => overlaid.has(id)).map(({ id }) => id);
    return [...new Set([...arrived, ...leaving.flatMap((row) => row.records)])];
  }
  const shown = await core.database.run([VIEW], "read", (tx) => tx.getAll<ViewRow>(VIEW));
  const ofSpace = shown.filter((row) => row.space === asked.space).map(({ id }) => id);
  return [...new Set([...ofSpace, ...laid.flatMap(({ row }) => row.records)])];
}

/** Forgets what the server said of spaces that this user may no longer read; unsent work stays in the outbox. */
export async function forgetSpaces(core: Core, keep: readonly string[]): Promise<string[]> {
  const dropped = await core.writer.write<string[]>(async () => {
    const followed = await core.database.run([META], "read", (tx) =>
      tx.getAll<SpaceRow>(META, IDBKeyRange.bound("shadow:", "space:\uffff")),
    );
    const leaving = followed.filter((row) => !keep.includes(row.space));
    if (leaving.length === 0) return null;
    const relaid: Relaid = { rows: [], gone: [] };
    for (const { space } of leaving) {
      const laid = await laidCommits(core, space);
      const bases = new Map(laid.flatMap(({ row }) => row.records).map((id) => [id, null]));
      const part = await relay(core, space, bases, laid);
      relaid.rows.push(...part.rows);
      relaid.gone.push(...part.gone);
    }
    return {
      stores: [META, BASE, VIEW],
      durability: "write",
      apply: (tx) => {
        for (const row of leaving) {
          tx.delete(BASE, wholeEra(row.era));
          tx.delete(META, spaceKey(row.space));
          tx.delete(META, shadowKey(row.space));
        }
        putRelaid(tx, relaid);
        return leaving.map((row) => row.space);
      },
    };
  });
  if (dropped !== null) core.notifier.tell({ kinds: ["*"], meta: true });
  return dropped ?? [];
}

/** The base rows of one space, in the order of ids, as far as a checksum needs them. */
export async function baseVersions(
  core: Core,
  space: string,
): Promise<{ seq: number; rows: [string, string][] }> {
  return core.database.run([META, BASE], "read", async (tx) => {
    const followed = await tx.get<SpaceRow>(META, spaceKey(space));
    if (followed === undefined) return { seq: 0, rows: [] };
    const found: [string, string][] = [];
    let from: IDBValidKey = [followed.era];
    for (;;) {
      const range = IDBKeyRange.bound(from, [followed.era, []], found.length > 0);
      const rows: BaseRow[] = await tx.getAll<BaseRow>(BASE, range, 1000);
      for (const row of rows) if (row.deleted === 0) found.push([row.id, row.last]);
      const last = rows.at(-1);
      if (last === undefined || rows.length < 1000) return { seq: followed.seq, rows: found };
      from = [followed.era, last.id];
    }
  });
}
