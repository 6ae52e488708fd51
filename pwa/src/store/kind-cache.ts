import type { Changed, ViewRecord } from "./types";

/** How the cache reads what it has not got. */
export interface Source {
  whole(kind: string): Promise<Map<string, ViewRecord>>;
  some(ids: readonly string[]): Promise<Map<string, ViewRecord>>;
}

interface Cached {
  records: Map<string, ViewRecord>;
  list: readonly ViewRecord[] | null;
  stale: Set<string>;
  whole: boolean;
}

/** Whole kinds in memory, brought up to date record by record, so that a list of thousands costs one read. */
export class KindCache {
  private readonly cached = new Map<string, Cached>();
  private readonly turns = new Map<string, Promise<unknown>>();

  constructor(private readonly source: Source) {}

  /** The records of a kind; at least as new as every change that was told before this call. */
  get(kind: string): Promise<readonly ViewRecord[]> {
    const before = this.turns.get(kind) ?? Promise.resolve();
    const turn = before.catch(() => undefined).then(() => this.fresh(kind));
    this.turns.set(kind, turn);
    return turn;
  }

  changed(changed: Changed): void {
    const every = changed.kinds.includes("*");
    for (const [kind, entry] of this.cached) {
      if (!every && !changed.kinds.includes(kind)) continue;
      if (every || changed.records.length === 0) entry.whole = true;
      for (const id of changed.records) entry.stale.add(id);
    }
  }

  private async fresh(kind: string): Promise<readonly ViewRecord[]> {
    let entry = this.cached.get(kind);
    if (entry === undefined) {
      entry = { records: new Map(), list: null, stale: new Set(), whole: true };
      this.cached.set(kind, entry);
    }
    // What is told while we read is marked again, and read again by the next round.
    while (entry.whole || entry.stale.size > 0) {
      if (entry.whole) await this.readWhole(kind, entry);
      else await this.readStale(kind, entry);
      entry.list = null;
    }
    entry.list ??= [...entry.records.values()];
    return entry.list;
  }

  private async readWhole(kind: string, entry: Cached): Promise<void> {
    entry.whole = false;
    entry.stale.clear();
    try {
      entry.records = await this.source.whole(kind);
    } catch (error) {
      entry.whole = true;
      throw error;
    }
  }

  private async readStale(kind: string, entry: Cached): Promise<void> {
    const ids = [...entry.stale];
    entry.stale.clear();
    try {
      const found = await this.source.some(ids);
      for (const id of ids) {
        const record = found.get(id);
        if (record?.kind === kind) entry.records.set(id, record);
        else entry.records.delete(id);
      }
    } catch (error) {
      entry.whole = true;
      throw error;
    }
  }
}
