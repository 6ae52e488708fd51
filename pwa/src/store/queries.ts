import { type Core, spaceRows } from "./core";
import { KindCache } from "./kind-cache";
import { BASE, type BaseRow, META, startingWith, VIEW, type ViewRow } from "./schema";
import type { Changed, RecordData, ViewRecord } from "./types";

type Row = BaseRow | ViewRow;

/** Order of a unit's records: by due date, then by id, which is by the time they were made. */
function later(a: Row, b: Row): boolean {
  return a.due > b.due || (a.due === b.due && a.id > b.id);
}

/** What screens read: the base with the view laid over it. Deleted records are not shown. */
export class Queries {
  private readonly cache: KindCache;

  constructor(private readonly core: Core) {
    this.cache = new KindCache({
      whole: (kind) => this.readKind(kind),
      some: (ids) => this.records(ids),
    });
    core.notifier.subscribe((changed) => this.cache.changed(changed));
  }

  async record<D = RecordData>(id: string): Promise<ViewRecord<D> | null> {
    return (await this.records<D>([id])).get(id) ?? null;
  }

  /** Those of `ids` that are here. */
  async records<D = RecordData>(ids: readonly string[]): Promise<Map<string, ViewRecord<D>>> {
    const rows = await this.core.database.run([META, BASE, VIEW], "read", async (tx) => {
      const spaces = await spaceRows(tx);
      return Promise.all(
        ids.map(async (id) => {
          const view = await tx.get<ViewRow>(VIEW, id);
          if (view !== undefined) return view;
          const found = await Promise.all(spaces.map(({ era }) => tx.get<BaseRow>(BASE, [era, id])));
          return found.find((row) => row !== undefined);
        }),
      );
    });
    const open = rows.filter((row): row is Row => row !== undefined && row.deleted === 0);
    const records = await Promise.all(open.map((row) => this.core.rows.toRecord<D>(row)));
    return new Map(records.map((record) => [record.id, record]));
  }

  /** All records of a kind, in memory after the first call; the array is new whenever its content is. */
  async recordsOfKind<D = RecordData>(kind: string): Promise<readonly ViewRecord<D>[]> {
    return (await this.cache.get(kind)) as readonly ViewRecord<D>[];
  }

  /** The records of a kind that belong to a unit, by due date and then by the time they were made. */
  async byUnit<D = RecordData>(kind: string, unit: string): Promise<ViewRecord<D>[]> {
    const { base, view, hidden } = await this.core.database.run([META, BASE, VIEW], "read", async (tx) => {
      const spaces = await spaceRows(tx);
      const eras = spaces.map(({ era }) => tx.indexed<BaseRow>(BASE, "place", startingWith(era, kind, unit)));
      return {
        base: (await Promise.all(eras)).flat(),
        view: await tx.indexed<ViewRow>(VIEW, "place", startingWith(kind, unit)),
        hidden: new Set(await tx.indexedKeys<string>(VIEW, "kind", IDBKeyRange.only(kind))),
      };
    });
    const rows: Row[] = [...base.filter((row) => !hidden.has(row.id)), ...view];
    rows.sort((a, b) => (later(a, b) ? 1 : -1));
    return Promise.all(rows.map((row) => this.core.rows.toRecord<D>(row)));
  }

  /** The last record by `byUnit`'s order of each unit that has one; one index step a unit, whatever the number. */
  async newestByUnit<D = RecordData>(
    kind: string,
    units: readonly string[],
  ): Promise<Map<string, ViewRecord<D>>> {
    const newest = await this.core.database.run([META, BASE, VIEW], "read", async (tx) => {
      const view = await tx.indexed<ViewRow>(VIEW, "kind", IDBKeyRange.only(kind));
      const hidden = new Set(view.map((row) => row.id));
      const skip = (row: BaseRow) => hidden.has(row.id);
      const lastIn = (...place: (string | number)[]) =>
        tx.last<BaseRow>(BASE, "place", startingWith(...place), skip);
      const all = (await spaceRows(tx)).map(({ era }) => era);
      const filled = await Promise.all(all.map((era) => lastIn(era, kind)));
      const eras = all.filter((_, i) => filled[i] !== null);
      const base = await Promise.all(eras.flatMap((era) => units.map((unit) => lastIn(era, kind, unit))));
      return newestOf([...base.filter((row) => row !== null), ...view], new Set(units));
    });
    const records = await Promise.all(newest.map((row) => this.core.rows.toRecord<D>(row)));
    return new Map(newest.map((row, i) => [row.unit ?? "", records[i] as ViewRecord<D>]));
  }

  /**
   * Calls `onResult` with the answer of `query` now, and again after each change of one of `kinds` (also "outbox",
   * "blobs", "drafts", "meta"). Changes that come while it runs are answered by one more run. Returns the end of it.
   */
  watch<T>(
    kinds: readonly string[],
    query: () => Promise<T>,
    onResult: (value: T) => void,
    onError: (error: unknown) => void = (error) => console.error(error),
  ): () => void {
    let running = false;
    let again = false;
    let ended = false;
    const run = async () => {
      again = true;
      if (running) return;
      running = true;
      while (again && !ended) {
        again = false;
        try {
          const value = await query();
          if (!ended) onResult(value);
        } catch (error) {
          if (!ended) onError(error);
        }
      }
      running = false;
    };
    const stop = this.core.notifier.subscribe((changed) => {
      if (concerns(changed, kinds)) void run();
    });
    void run();
    return () => {
      ended = true;
      stop();
    };
  }

  private async readKind(kind: string): Promise<Map<string, ViewRecord>> {
    const { base, view } = await this.core.database.run([META, BASE, VIEW], "read", async (tx) => {
      const spaces = await spaceRows(tx);
      const eras = spaces.map(({ era }) => tx.indexed<BaseRow>(BASE, "place", startingWith(era, kind)));
      return {
        base: (await Promise.all(eras)).flat(),
        view: await tx.indexed<ViewRow>(VIEW, "kind", IDBKeyRange.only(kind)),
      };
    });
    const rows = new Map<string, Row>(base.map((row) => [row.id, row]));
    for (const row of view) rows.set(row.id, row);
    const shown = [...rows.values()].filter((row) => row.deleted === 0);
    const records = await Promise.all(shown.map((row) => this.core.rows.toRecord<RecordData>(row)));
    return new Map(records.map((record) => [record.id, record]));
  }
}

function newestOf(rows: readonly Row[], units: ReadonlySet<string>): Row[] {
  const newest = new Map<string, Row>();
  for (const row of rows) {
    if (row.deleted === 1 || row.unit === undefined || !units.has(row.unit)) continue;
    const before = newest.get(row.unit);
    if (before === undefined || later(row, before)) newest.set(row.unit, row);
  }
  return [...newest.values()];
}

/** Whether a change is one that `topics` (kinds, or outbox, blobs, drafts, meta) ask for. */
export function concerns(changed: Changed, topics: readonly string[]): boolean {
  if (changed.kinds.includes("*")) return true;
  return topics.some((topic) => {
    if (topic === "outbox" || topic === "blobs" || topic === "drafts" || topic === "meta")
      return changed[topic];
    return changed.kinds.includes(topic);
  });
}
