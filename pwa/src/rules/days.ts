/** Days as `YYYY-MM-DD` and as ordinals (1 = the first of January of year 1, a Monday), like the server's. */

export type Day = string;

const DAY_MS = 86_400_000;
const UNIX_EPOCH = 719_163;

export const LAST_DAY: Day = "9999-12-31";
export const LAST_ORDINAL = 3_652_059;

/** Ordinal of a day. Throws a RangeError if it is no day. */
export function ordinalOf(day: Day): number {
  const ms = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(ms)) {
    throw new RangeError(`no day: ${day}`);
  }
  return ms / DAY_MS + UNIX_EPOCH;
}

/** The day of an ordinal, cut to the years 1 to 9999. */
export function dayOf(ordinal: number): Day {
  const within = Math.min(Math.max(ordinal, 1), LAST_ORDINAL);
  return new Date((within - UNIX_EPOCH) * DAY_MS).toISOString().slice(0, 10);
}

/** The day `count` calendar days later; negative: earlier. */
export function addDays(day: Day, count: number): Day {
  return dayOf(ordinalOf(day) + count);
}

/** The later of two days. */
export function laterOf(a: Day, b: Day): Day {
  return a > b ? a : b;
}
