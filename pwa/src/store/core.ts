import type { Notifier } from "./changed";
import type { Ground } from "./ground";
import type { Database, Tx } from "./idb";
import type { RecordState } from "./overlay";
import type { Rows } from "./rows";
import { BASE, type BaseRow, everySpace, META, type SpaceRow } from "./schema";
import type { ClockStamp, Kinds } from "./types";
import type { Writer } from "./writer";

/** What the store's parts share. `now` and `stamp` are handed in: nothing here reads a clock. */
export interface Core {
  readonly database: Database;
  readonly ground: Ground;
  readonly rows: Rows;
  readonly writer: Writer;
  readonly notifier: Notifier;
  readonly kinds: Kinds;
  /** Milliseconds since 1970 by the server's clock, as well as it is known. */
  now(): number;
  /** Device time with offset, and how far the device's clock may be trusted. */
  stamp(): { made_at: string; clock: ClockStamp };
}

export function spaceRows(tx: Tx): Promise<SpaceRow[]> {
  return tx.getAll<SpaceRow>(META, everySpace());
}

/** What the server last said of `ids` in `era`; null where it said nothing. */
export async function baseStates(
  core: Core,
  era: number | null,
  ids: readonly string[],
): Promise<Map<string, RecordState | null>> {
  if (era === null || ids.length === 0) return new Map(ids.map((id) => [id, null]));
  const found = await core.database.run([BASE], "read", (tx) =>
    Promise.all(ids.map((id) => tx.get<BaseRow>(BASE, [era, id]))),
  );
  const states = await Promise.all(found.map((row) => (row === undefined ? null : core.rows.toState(row))));
  return new Map(ids.map((id, i) => [id, states[i] ?? null]));
}
