/** The work calendar: twin of `server/rules/calendar.py` (Q1-4.4c, X-13). Both run `server/rules/cases`. */

import { type Day, dayOf, LAST_DAY, LAST_ORDINAL, ordinalOf } from "./days.ts";

export interface CalendarDay {
  readonly date: Day;
  readonly isOffDay: boolean;
}

export interface CalendarYear {
  readonly year: number;
  readonly confirmed: boolean;
  readonly days: readonly CalendarDay[];
}

/**
 * Statutory years plus the project's own days; a project's day wins. What nobody lists works from
 * Monday to Friday; a year without a row, or not confirmed, is counted so with what its row lists.
 */
export class WorkCalendar {
  readonly #confirmed = new Set<number>();
  readonly #special = new Map<number, boolean>();
  readonly #days: readonly number[];
  readonly #sums: readonly number[];

  constructor(years: readonly CalendarYear[], overrides: readonly CalendarDay[] = []) {
    const listed = new Map<number, boolean>();
    for (const row of years) {
      this.#confirmed.delete(row.year);
      if (row.confirmed) {
        this.#confirmed.add(row.year);
      }
      for (const day of row.days) {
        listed.set(ordinalOf(day.date), !day.isOffDay);
      }
    }
    for (const day of overrides) {
      listed.set(ordinalOf(day.date), !day.isOffDay);
    }
    for (const [ordinal, works] of listed) {
      if (works !== isWeekday(ordinal)) {
        this.#special.set(ordinal, works);
      }
    }
    this.#days = [...this.#special.keys()].sort((a, b) => a - b);
    let sum = 0;
    this.#sums = [0, ...this.#days.map((ordinal) => (sum += this.#special.get(ordinal) ? 1 : -1))];
  }

  /** Is this a working day (工作日)? */
  isWorkingDay(day: Day): boolean {
    const ordinal = ordinalOf(day);
    return this.#special.get(ordinal) ?? isWeekday(ordinal);
  }

  /** The `count`-th working day strictly after `day`; `count` ≥ 1. Beyond year 9999: its last day. */
  addWorkingDays(day: Day, count: number): Day {
    return this.atPosition(this.position(day) + count);
  }

  /** The `count`-th working day from `day` on, `day` itself counted if it is one (Q1-4.4d). */
  nthWorkingDayIncluding(day: Day, count: number): Day {
    return this.atPosition(this.#position(ordinalOf(day) - 1) + count);
  }

  /** How many working days lie in (start, end]; negative when `end` is before `start`. */
  workingDaysBetween(start: Day, end: Day): number {
    return this.position(end) - this.position(start);
  }

  /** Is the calendar of this day's year imported and confirmed? */
  isConfirmed(day: Day): boolean {
    return this.#confirmed.has(yearOf(day));
  }

  /** Are all years from `start` to `end` confirmed, so that what is counted across them is certain? */
  isConfirmedBetween(start: Day, end: Day): boolean {
    for (let year = yearOf(start); year <= yearOf(end); year += 1) {
      if (!this.#confirmed.has(year)) {
        return false;
      }
    }
    return true;
  }

  /** How many working days there are up to and including `day`, from the first day there is. */
  position(day: Day): number {
    return this.#position(ordinalOf(day));
  }

  /** The first day whose `position` reaches this one: for positions ≥ 1 always a working day. */
  atPosition(position: number): Day {
    const spread = this.#days.length;
    let low = nthWeekday(Math.max(position - spread, 1));
    let high = Math.min(nthWeekday(Math.max(position + spread, 1)), LAST_ORDINAL);
    if (low > high || this.#position(high) < position) {
      return LAST_DAY;
    }
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#position(middle) < position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return dayOf(low);
  }

  #position(ordinal: number): number {
    const weeks = Math.floor(ordinal / 7);
    const weekdays = weeks * 5 + Math.min(ordinal - weeks * 7, 5);
    return weekdays + (this.#sums[countUpTo(this.#days, ordinal)] ?? 0);
  }
}

/** How many of the ascending numbers are at most `limit`. */
function countUpTo(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) <= limit) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

function isWeekday(ordinal: number): boolean {
  const weekday = ordinal % 7;
  return weekday >= 1 && weekday <= 5;
}

function nthWeekday(count: number): number {
  const weeks = Math.floor((count - 1) / 5);
  return weeks * 7 + ((count - 1) % 5) + 1;
}

function yearOf(day: Day): number {
  return Number(day.slice(0, 4));
}
