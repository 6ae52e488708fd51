/** Business day of an instant: twin of `server/rules/business_date.py` (Q1-4.4e, X-09). */

import { type Day, dayOf, LAST_DAY, ordinalOf } from "./days.ts";

/** Shifts of a post; only `night` (23-07) crosses midnight. */
export type Shift = "day" | "early" | "middle" | "night";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNIX_EPOCH = 719_163;
const ZONE_MS = 8 * HOUR_MS; // Asia/Shanghai, without summer time since 1991
const NIGHT_ENDS_MS = 7 * HOUR_MS;
const LATEST_MS = 253_402_271_999_000; // the last second of 9999 in Shanghai
const EARLIEST_MS = -62_135_625_600_000; // the first of year 1

/** The business day of an instant (epoch milliseconds); for `night` all before 07:00 is the day before. */
export function businessDate(instant: number, shift: Shift): Day {
  const within = Math.min(Math.max(instant, EARLIEST_MS), LATEST_MS);
  const local = within + ZONE_MS - (shift === "night" ? NIGHT_ENDS_MS : 0);
  return dayOf(Math.floor(local / DAY_MS) + UNIX_EPOCH);
}

/** The instant at which a unit due on this day turns overdue: midnight after it; for `night` 07:00. */
export function dueEndsAt(dueOn: Day, shift: Shift): number {
  if (dueOn === LAST_DAY) {
    return LATEST_MS;
  }
  const midnight = (ordinalOf(dueOn) + 1 - UNIX_EPOCH) * DAY_MS - ZONE_MS;
  return shift === "night" ? midnight + NIGHT_ENDS_MS : midnight;
}

/** Device time without its error: raw - offset, the offset being device clock minus server clock. */
export function corrected(raw: number, offsetMs: number): number {
  return Math.min(Math.max(raw - offsetMs, EARLIEST_MS), LATEST_MS);
}
