/** How every unit and post stands: twin of `server/rules/coverage.py` (Q1-4.4, domain 4). */

import { businessDate, dueEndsAt } from "./business-date.ts";
import type { WorkCalendar } from "./calendar.ts";
import {
  type CheckFacts,
  type CoverageSettings,
  type Devices,
  type NotCounted,
  type PauseFacts,
  type PostState,
  type ScopeFacts,
  SEVERITY,
  type State,
  type UnitFacts,
  type UnitState,
} from "./coverage-facts.ts";
import { addDays, type Day, laterOf } from "./days.ts";
import { DueDates } from "./due-dates.ts";

const HOUR_MS = 3_600_000;
const AHEAD_MS = 5 * 60_000; // a corrected time further in the future does not count yet

/** Whether a check that ended then counts at `now` (epoch ms), and is not one of a clock gone astray. */
export function isOver(endedAt: number, now: number): boolean {
  return endedAt <= now + AHEAD_MS;
}

/**
 * The state of every unit at `now` (epoch ms), in the order given; units not yet effective or already ended
 * are left out. `devices`: "own" on the device, whose outbox is known.
 */
export function judge(
  units: readonly UnitFacts[],
  devices: Devices,
  settings: CoverageSettings,
  calendar: WorkCalendar,
  now: number,
): UnitState[] {
  const dates = new DueDates(settings, calendar);
  const days = { day: businessDate(now, "day"), night: businessDate(now, "night") };
  const states: UnitState[] = [];
  for (const unit of units) {
    const today = unit.shift === "night" ? days.night : days.day;
    const startsOn = laterOf(unit.effective_from, settings.coverage_start);
    if (today >= startsOn && isWithin(today, startsOn, unit.effective_until)) {
      states.push(unitState(unit, devices, settings, dates, startsOn, today, now));
    }
  }
  return states;
}

/** Posts in the order of their first unit: the worst state of their units, and what is missing (Q1-4.4b). */
export function postStates(states: readonly UnitState[]): PostState[] {
  const byPost = new Map<string, UnitState[]>();
  for (const state of states) {
    const members = byPost.get(state.post);
    if (members) {
      members.push(state);
    } else {
      byPost.set(state.post, [state]);
    }
  }
  return [...byPost].map(([post, members]) => {
    const worst = Math.max(...members.map((member) => SEVERITY.indexOf(member.state)));
    const missing = members.filter(isMissing).map((member) => member.unit);
    return { post, state: SEVERITY[worst] ?? "paused", covered: missing.length === 0, missing };
  });
}

/** Why a check does not count for the three-working-day rule; null if it does. */
export function whyNotCounted(unit: UnitFacts, check: CheckFacts): NotCounted | null {
  if (!check.complete) {
    return "incomplete";
  }
  if (check.level !== "daily") {
    return "not_daily";
  }
  return mayCheck(unit, check.by, check.business_date) ? null : "not_the_inspector";
}

/** Whose the unit is on this day; the scope that began last comes first. */
export function inspectorsOn(scopes: readonly ScopeFacts[], day: Day): string[] {
  const active = scopes.filter((scope) => isWithin(day, scope.starts_on, scope.ends_on));
  active.sort((a, b) => (a.starts_on < b.starts_on ? 1 : a.starts_on > b.starts_on ? -1 : 0));
  return active.map((scope) => scope.inspector);
}

/** Who acts for this inspector on this day. */
export function deputiesOn(unit: UnitFacts, inspector: string, day: Day): string[] {
  return unit.deputies
    .filter((row) => row.inspector === inspector && isWithin(day, row.starts_on, row.ends_on))
    .map((row) => row.deputy);
}

/** May this person check the unit on this day, as its inspector or as his deputy (Q1-4.2d)? */
export function mayCheck(unit: UnitFacts, by: string, day: Day): boolean {
  const inspectors = inspectorsOn(unit.scopes, day);
  return (
    inspectors.includes(by) || inspectors.some((inspector) => deputiesOn(unit, inspector, day).includes(by))
  );
}

function unitState(
  unit: UnitFacts,
  devices: Devices,
  settings: CoverageSettings,
  dates: DueDates,
  startsOn: Day,
  today: Day,
  now: number,
): UnitState {
  const { lifeFrom, paused } = currentLife(unit.pauses, startsOn, today);
  const last = lastCountingCheck(unit, lifeFrom, now);
  const dueOn = paused ? null : last ? dates.afterCheck(last.business_date) : dates.ofNew(lifeFrom);
  const inspector = inspectorsOn(unit.scopes, today)[0] ?? null;
  const deputy = inspector === null ? null : (deputiesOn(unit, inspector, today)[0] ?? null);
  return {
    unit: unit.unit,
    post: unit.post,
    area: unit.area,
    inspector,
    acting_deputy: deputy,
    last_checked_on: last?.business_date ?? null,
    last_check: last?.id ?? null,
    due_on: dueOn,
    state: stateOf(unit, devices, dueOn, last === null, now, settings, dates, today),
    working_days_left: dueOn === null ? null : dates.calendar.workingDaysBetween(today, dueOn),
    calendar_unconfirmed: dueOn !== null && !dates.isCertain(last?.business_date ?? lifeFrom, dueOn),
  };
}

function stateOf(
  unit: UnitFacts,
  devices: Devices,
  dueOn: Day | null,
  unchecked: boolean,
  now: number,
  settings: CoverageSettings,
  dates: DueDates,
  today: Day,
): State {
  if (dueOn === null) {
    return "paused";
  }
  const endsAt = dueEndsAt(dueOn, unit.shift);
  if (now >= endsAt) {
    const waits = now - endsAt < settings.grace_hours * HOUR_MS && !isConfirmed(unit, devices, dueOn, endsAt);
    return waits ? "unconfirmed" : "overdue";
  }
  if (dueOn <= dates.calendar.addWorkingDays(today, 1)) {
    return "due_soon";
  }
  return unchecked ? "never_checked" : "covered";
}

/** Did a device of whoever was to check on the due day report since then that nothing is unsent? */
function isConfirmed(unit: UnitFacts, devices: Devices, dueOn: Day, since: number): boolean {
  if (devices === "own") {
    return true;
  }
  return inspectorsOn(unit.scopes, dueOn).some((inspector) => {
    const deputies = deputiesOn(unit, inspector, dueOn);
    const persons = deputies.length > 0 ? deputies : [inspector];
    return persons.some((person) =>
      (devices[person] ?? []).some((device) =>
        [device.unsent_zero_at ?? Number.NEGATIVE_INFINITY, ...(device.earlier_zeros ?? [])].some(
          (report) => report >= since,
        ),
      ),
    );
  });
}

function lastCountingCheck(unit: UnitFacts, lifeFrom: Day, now: number): CheckFacts | null {
  let last: CheckFacts | null = null;
  for (const check of unit.checks) {
    const usable = check.business_date >= lifeFrom && isOver(check.ended_at, now);
    if (usable && (last === null || isLater(check, last)) && whyNotCounted(unit, check) === null) {
      last = check;
    }
  }
  return last;
}

/** Is it the later one? Of equals the later id, as on the server. */
function isLater(check: CheckFacts, other: CheckFacts): boolean {
  if (check.business_date !== other.business_date) {
    return check.business_date > other.business_date;
  }
  return check.ended_at === other.ended_at ? check.id > other.id : check.ended_at > other.ended_at;
}

/** Since when the unit runs as it does today; after a pause it restarts as new (Q1-4.4l). */
function currentLife(pauses: readonly PauseFacts[], startsOn: Day, today: Day) {
  let lifeFrom = startsOn;
  let paused = false;
  for (const pause of pauses) {
    if (pause.starts_on > today || (pause.ends_on && pause.ends_on < pause.starts_on)) {
      continue;
    }
    if (!pause.ends_on || pause.ends_on >= today) {
      paused = true;
    } else if (pause.ends_on >= startsOn) {
      lifeFrom = laterOf(lifeFrom, addDays(pause.ends_on, 1));
    }
  }
  return { lifeFrom, paused };
}

function isMissing(state: UnitState): boolean {
  return state.state === "overdue" || state.state === "unconfirmed";
}

function isWithin(day: Day, startsOn: Day, endsOn: Day | null | undefined): boolean {
  return startsOn <= day && (!endsOn || day <= endsOn);
}
