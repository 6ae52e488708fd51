/** The field list: what is due, in which order, and how far the round is (Q1-4.4i). Recomputed for a `now`. */

import { businessDate } from "./business-date.ts";
import type { WorkCalendar } from "./calendar.ts";
import { judge } from "./coverage.ts";
import type { CoverageSettings, UnitFacts, UnitState } from "./coverage-facts.ts";
import type { Day } from "./days.ts";
import { WINDOW } from "./due-dates.ts";

export type DueGroup = "overdue" | "due_today" | "next_working_day" | "later" | "covered_today" | "paused";

export const DUE_GROUPS: readonly DueGroup[] = [
  "overdue",
  "due_today",
  "next_working_day",
  "later",
  "covered_today",
  "paused",
];

export interface Progress {
  /** Units of the round; paused ones are not part of it. */
  readonly units: number;
  /** Units whose state is `covered`: checked, and not due today or on the next working day. */
  readonly covered: number;
  readonly checked_today: number;
  /** A third of the units, rounded up: what a day's share of the round is. */
  readonly daily_share: number;
  /** Still to be checked today: overdue or due today. */
  readonly must_today: number;
}

export interface DueList {
  readonly groups: Readonly<Record<DueGroup, readonly UnitState[]>>;
  readonly progress: Progress;
}

/**
 * The units of one inspector as the device knows them, grouped, and by due date within each group; units that
 * are due on the same day keep the order given. What was checked today leaves the other groups.
 */
export function dueList(
  units: readonly UnitFacts[],
  settings: CoverageSettings,
  calendar: WorkCalendar,
  now: number,
): DueList {
  const days = { day: businessDate(now, "day"), night: businessDate(now, "night") };
  const nights = new Set(units.filter((unit) => unit.shift === "night").map((unit) => unit.unit));
  const groups: Record<DueGroup, UnitState[]> = {
    overdue: [],
    due_today: [],
    next_working_day: [],
    later: [],
    covered_today: [],
    paused: [],
  };
  const states = judge(units, "own", settings, calendar, now);
  for (const state of states) {
    groups[groupOf(state, nights.has(state.unit) ? days.night : days.day)].push(state);
  }
  for (const group of Object.values(groups)) {
    group.sort((a, b) => compare(a.due_on ?? "", b.due_on ?? ""));
  }
  return { groups, progress: progressOf(states, groups) };
}

function groupOf(state: UnitState, today: Day): DueGroup {
  if (state.state === "paused" || state.due_on === null) {
    return "paused";
  }
  if (state.state === "overdue" || state.state === "unconfirmed") {
    return "overdue";
  }
  if (state.last_checked_on !== null && state.last_checked_on >= today) {
    return "covered_today";
  }
  if (state.due_on === today) {
    return "due_today";
  }
  return state.state === "due_soon" ? "next_working_day" : "later";
}

function progressOf(states: readonly UnitState[], groups: DueList["groups"]): Progress {
  const units = states.length - groups.paused.length;
  return {
    units,
    covered: states.filter((state) => state.state === "covered").length,
    checked_today: groups.covered_today.length,
    daily_share: Math.ceil(units / WINDOW),
    must_today: groups.overdue.length + groups.due_today.length,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
