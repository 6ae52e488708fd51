import type { AreaCheck } from "../../contract";
import { isShort } from "../../rules";
import type { Records } from "./records";
import type { Round, RoundUnit } from "./round";

/** Signs that a reviewer will look at; said to the inspector, never held against him by the app (Q1-3.2.5b). */
export interface Haste {
  /** Seconds that the check took; null when that was long enough. */
  seconds: number | null;
  /** Units that were finished within one minute; null below three. */
  inOneMinute: number | null;
}

const MINUTE = 60_000;
const MANY = 3;

/** `checks`: those of this inspector that are known, this one among them. */
export function hasteOf(check: AreaCheck, checks: Records<AreaCheck>): Haste {
  const took = Date.parse(check.ended_at) - Date.parse(check.started_at);
  const end = Date.parse(check.ended_at);
  const near = checks.filter(
    ({ data }) => data.inspector === check.inspector && Math.abs(Date.parse(data.ended_at) - end) < MINUTE,
  ).length;
  return {
    seconds: isShort(took) ? Math.max(0, Math.round(took / 1000)) : null,
    inOneMinute: near >= MANY ? near : null,
  };
}

/** What to go to next: what is overdue, due today or, when that is done, on the next working day. */
export function nextUnits(round: Round, after: string, most = 3): RoundUnit[] {
  const open = round.units.filter(
    ({ id, group }) => id !== after && group !== "paused" && group !== "covered_today",
  );
  const urgent = open.filter(({ group }) => group === "overdue" || group === "due_today");
  // Close by first: what belongs to the post where one stands.
  const post = round.units.find(({ id }) => id === after)?.post.id;
  const near = (unit: RoundUnit) => Number(unit.post.id !== post);
  const pool = urgent.length > 0 ? urgent : open;
  return pool.toSorted((a, b) => near(a) - near(b)).slice(0, most);
}
