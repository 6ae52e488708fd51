import type { RecordState } from "./overlay";
import type { BaseRow, OutboxRow, ViewRow } from "./schema";
import type { SealedJson } from "./seal";
import type { Change, ClockStamp, Commit, Kinds, OutboxEntry, Result, ViewRecord } from "./types";

/** The part of a record that is sealed. */
type SealedRecord = Pick<RecordState, "data" | "created_by_change" | "versions" | "contested">;

/** The part of a commit that is sealed. */
interface SealedCommit {
  clock: ClockStamp;
  changes: Change[];
}

/** Turns records and commits into rows and back, through the seal. */
export class Rows {
  constructor(
    readonly json: SealedJson,
    readonly kinds: Kinds,
  ) {}

  private async columns(state: RecordState): Promise<Omit<ViewRow, "pending" | "parked">> {
    const { id, kind, space, seq, data, deleted, created_by_change, versions, contested } = state;
    const sealed: SealedRecord = { data, created_by_change, versions, contested };
    const clear = this.kinds[kind]?.clear;
    const column = (name: "unit" | "due") => {
      const field = clear?.[name];
      return field === undefined ? "" : String(data[field] ?? "");
    };
    return {
      id,
      kind,
      space,
      seq,
      due: column("due"),
      deleted: deleted ? 1 : 0,
      last: state.last_change,
      sealed: await this.json.write(sealed),
      ...(deleted ? {} : { unit: column("unit") }),
    };
  }

  async toBase(state: RecordState, era: number): Promise<BaseRow> {
    return { ...(await this.columns(state)), era };
  }

  async toView(state: RecordState, pending: boolean, parked: boolean): Promise<ViewRow> {
    return { ...(await this.columns(state)), pending: pending ? 1 : 0, parked: parked ? 1 : 0 };
  }

  async toState(row: BaseRow | ViewRow): Promise<RecordState> {
    const { id, kind, space, seq, deleted, last } = row;
    const sealed = await this.json.read<SealedRecord>(row.sealed);
    return { id, kind, space, seq, deleted: deleted === 1, last_change: last, ...sealed };
  }

  async toRecord<D>(row: BaseRow | ViewRow): Promise<ViewRecord<D>> {
    const state = await this.toState(row);
    const overlay = "pending" in row ? row : { pending: 0, parked: 0 };
    return { ...state, data: state.data as D, pending: overlay.pending === 1, parked: overlay.parked === 1 };
  }

  sealCommit(clock: ClockStamp, changes: Change[]): Promise<Uint8Array> {
    return this.json.write({ clock, changes } satisfies SealedCommit);
  }

  async toCommit(row: OutboxRow): Promise<Commit> {
    const { clock, changes } = await this.json.read<SealedCommit>(row.sealed);
    return { id: row.id, n: row.n, made_at: row.made_at, clock, format: row.format, changes };
  }

  async toEntry(row: OutboxRow): Promise<OutboxEntry> {
    const { id, space, n, state, made_at, bytes } = row;
    const result = row.answer === null ? null : await this.json.read<Result>(row.answer);
    return { id, space, n, state, made_at, bytes, commit: await this.toCommit(row), result };
  }
}
