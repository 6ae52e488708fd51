/** When a unit is due, rolling and in fixed rounds: twin of `server/rules/due_dates.py` (Q1-4.4a, d, f). */

import type { WorkCalendar } from "./calendar.ts";
import type { CoverageSettings } from "./coverage-facts.ts";
import { addDays, type Day } from "./days.ts";

export const WINDOW = 3; // working days (三个工作日)

/** Due days under one setting; remembers its answers, for many units share the same few days. */
export class DueDates {
  readonly #cycle: boolean;
  readonly #anchor: Day;
  readonly #first: number;
  readonly #after = new Map<Day, Day>();
  readonly #new = new Map<Day, Day>();
  readonly calendar: WorkCalendar;

  constructor(settings: CoverageSettings, calendar: WorkCalendar) {
    this.calendar = calendar;
    this.#cycle = settings.mode === "cycle";
    this.#anchor = settings.cycle_anchor ?? settings.coverage_start;
    this.#first = calendar.position(addDays(this.#anchor, -1));
  }

  /** Due day of a unit last checked on this day. */
  afterCheck(checkedOn: Day): Day {
    return remember(this.#after, checkedOn, () =>
      this.#cycle
        ? this.#blockEnd(this.#block(checkedOn) + 1)
        : this.calendar.addWorkingDays(checkedOn, WINDOW),
    );
  }

  /** Due day of a unit that (re)starts on this day, in both modes (Q1-4.4d, Q1-4.4l). */
  ofNew(startsOn: Day): Day {
    return remember(this.#new, startsOn, () => this.calendar.nthWorkingDayIncluding(startsOn, WINDOW));
  }

  /** Is every year confirmed that the due day was counted through? */
  isCertain(countedFrom: Day, dueOn: Day): boolean {
    const start = this.#cycle && this.#anchor < countedFrom ? this.#anchor : countedFrom;
    return this.calendar.isConfirmedBetween(start, dueOn);
  }

  /** A rest day belongs to the block that follows it. */
  #block(day: Day): number {
    return Math.floor((this.calendar.position(addDays(day, -1)) - this.#first) / WINDOW);
  }

  #blockEnd(block: number): Day {
    return this.calendar.atPosition(this.#first + (block + 1) * WINDOW);
  }
}

function remember(known: Map<Day, Day>, key: Day, make: () => Day): Day {
  const before = known.get(key);
  if (before !== undefined) {
    return before;
  }
  const made = make();
  known.set(key, made);
  return made;
}
