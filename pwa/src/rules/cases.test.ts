// The cases of server/rules/cases, which pytest runs against the server's rules.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Area, AreaCheck, DeputyAppointment, InspectorScope, Pause, Post } from "../contract/index.ts";
import { businessDate, corrected, dueEndsAt, type Shift } from "./business-date.ts";
import { type CalendarDay, type CalendarYear, WorkCalendar } from "./calendar.ts";
import { judge, postStates } from "./coverage.ts";
import type {
  CheckFacts,
  CoverageSettings,
  Devices,
  PostState,
  UnitFacts,
  UnitState,
} from "./coverage-facts.ts";
import type { Day } from "./days.ts";
import { type Row, unitFacts } from "./unit-facts.ts";

function read<T>(name: string): T {
  const file = new URL(`../../../server/rules/cases/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

type Counted = { from: Day; count: number; gives: Day; why: string };
type Judged = { day: Day; gives: boolean };

const years = read<CalendarYear[]>("work_calendar");
const calendar = new WorkCalendar(years);

describe("work calendar (Q1-4.4c, X-13)", () => {
  const cases = read<{
    add_working_days: Counted[];
    nth_working_day_including: Counted[];
    working_days_between: { from: Day; to: Day; gives: number }[];
    is_working_day: Judged[];
    is_confirmed: Judged[];
    overrides: {
      days: CalendarDay[];
      is_working_day: Judged[];
      add_working_days: Counted[];
      working_days_in_2026: number;
    };
  }>("calendar");
  const own = new WorkCalendar(years, cases.overrides.days);

  it.each(cases.add_working_days)("$from + $count = $gives: $why", ({ from, count, gives }) => {
    expect(calendar.addWorkingDays(from, count)).toBe(gives);
  });
  it.each(cases.nth_working_day_including)(
    "day $count from $from is $gives: $why",
    ({ from, count, gives }) => {
      expect(calendar.nthWorkingDayIncluding(from, count)).toBe(gives);
    },
  );
  it.each(cases.working_days_between)("$from to $to: $gives", ({ from, to, gives }) => {
    expect(calendar.workingDaysBetween(from, to)).toBe(gives);
  });
  it.each(cases.is_working_day)("$day works: $gives", ({ day, gives }) => {
    expect(calendar.isWorkingDay(day)).toBe(gives);
  });
  it.each(cases.is_confirmed)("$day is confirmed: $gives", ({ day, gives }) => {
    expect(calendar.isConfirmed(day)).toBe(gives);
  });
  it.each(cases.overrides.is_working_day)("with the project's days $day works: $gives", ({ day, gives }) => {
    expect(own.isWorkingDay(day)).toBe(gives);
  });
  it.each(cases.overrides.add_working_days)("with the project's days $from + $count = $gives", (row) => {
    expect(own.addWorkingDays(row.from, row.count)).toBe(row.gives);
  });
  it("has 248 working days in 2026", () => {
    expect(calendar.workingDaysBetween("2025-12-31", "2026-12-31")).toBe(248);
    expect(own.workingDaysBetween("2025-12-31", "2026-12-31")).toBe(cases.overrides.working_days_in_2026);
  });
  it("refuses what is no day", () => {
    expect(() => calendar.isWorkingDay("2026-13-01")).toThrow(RangeError);
  });
});

describe("business date (Q1-4.4e, X-09)", () => {
  const cases = read<{
    business_date: { instant: string; shift: Shift; gives: Day }[];
    due_ends_at: { due_on: Day; shift: Shift; gives: string }[];
    corrected: { raw: string; offset_ms: number; gives: string }[];
  }>("business_date");

  it.each(cases.business_date)("$instant, $shift: $gives", ({ instant, shift, gives }) => {
    expect(businessDate(Date.parse(instant), shift)).toBe(gives);
  });
  it.each(cases.due_ends_at)("$due_on, $shift ends at $gives", ({ due_on, shift, gives }) => {
    expect(dueEndsAt(due_on, shift)).toBe(Date.parse(gives));
  });
  it.each(cases.corrected)("$raw with $offset_ms ms is $gives", ({ raw, offset_ms, gives }) => {
    expect(corrected(Date.parse(raw), offset_ms)).toBe(Date.parse(gives));
  });
  it("is not stopped by clocks at the edge of time", () => {
    for (const shift of ["day", "night"] as const) {
      expect(businessDate(Number.MAX_SAFE_INTEGER, shift).slice(0, 4)).toBe("9999");
      expect(businessDate(Number.MIN_SAFE_INTEGER, shift)).toBe("0001-01-01");
      expect(new Date(dueEndsAt("9999-12-31", shift)).getUTCFullYear()).toBe(9999);
    }
  });
});

type CheckCase = Partial<Omit<CheckFacts, "ended_at">> & { ended_at: string };
type UnitCase = Partial<Omit<UnitFacts, "checks">> & { checks?: CheckCase[] };
type DeviceCase = { unsent_zero_at?: string | null; earlier_zeros?: string[] };
interface CoverageCase {
  name: string;
  settings?: Partial<CoverageSettings>;
  years?: CalendarYear[];
  overrides?: CalendarDay[];
  units: UnitCase[];
  devices?: "own" | Record<string, DeviceCase[]>;
  at: Moment[];
}
interface Moment {
  now: string;
  units?: Record<Day, Partial<UnitState> | null>;
  posts?: Record<string, Partial<PostState>>;
}
interface CoverageFile {
  defaults: {
    settings: CoverageSettings;
    unit: UnitFacts;
    check: Omit<CheckFacts, "ended_at" | "business_date">;
  };
  due_table: { last: Day; due_on: Day }[];
  cases: CoverageCase[];
}

const coverage = read<CoverageFile>("coverage");

function unitOf(data: UnitCase): UnitFacts {
  const unit = { ...coverage.defaults.unit, ...data };
  const checks = (data.checks ?? []).map((row) => {
    const endedAt = Date.parse(row.ended_at);
    const made = { ...coverage.defaults.check, ...row, ended_at: endedAt };
    return { ...made, business_date: businessDate(endedAt, unit.shift) };
  });
  return { ...unit, checks };
}

function devicesOf(devices: CoverageCase["devices"]): Devices {
  if (devices === "own") {
    return "own";
  }
  const entries = Object.entries(devices ?? {}).map(([person, rows]) => [
    person,
    rows.map((row) => ({
      unsent_zero_at: row.unsent_zero_at ? Date.parse(row.unsent_zero_at) : null,
      earlier_zeros: (row.earlier_zeros ?? []).map((report) => Date.parse(report)),
    })),
  ]);
  return Object.fromEntries(entries);
}

function compare<T extends object>(
  moment: Moment,
  expected: Record<string, Partial<T> | null>,
  found: Map<string, T>,
) {
  for (const [name, fields] of Object.entries(expected)) {
    if (fields === null) {
      expect(found.has(name), `${name} at ${moment.now}`).toBe(false);
    } else {
      expect(found.get(name), `${name} at ${moment.now}`).toMatchObject(fields);
    }
  }
}

describe("coverage (Q1-4.4)", () => {
  it.each(coverage.cases)("$name", (row) => {
    const days = new WorkCalendar([...years, ...(row.years ?? [])], row.overrides ?? []);
    const settings = { ...coverage.defaults.settings, ...row.settings };
    for (const moment of row.at) {
      const states = judge(
        row.units.map(unitOf),
        devicesOf(row.devices),
        settings,
        days,
        Date.parse(moment.now),
      );
      compare(moment, moment.units ?? {}, new Map(states.map((state) => [state.unit, state])));
      compare(moment, moment.posts ?? {}, new Map(postStates(states).map((post) => [post.post, post])));
    }
  });

  it.each(coverage.due_table)("last checked $last: due $due_on", ({ last, due_on }) => {
    const unit = unitOf({ checks: [{ ended_at: `${last}T12:00:00+08:00` }] });
    const endsAt = dueEndsAt(due_on, "day");
    const stateAt = (now: number) => {
      const [state] = judge([unit], "own", coverage.defaults.settings, calendar, now);
      expect(state?.due_on).toBe(due_on);
      return state?.state;
    };
    expect(stateAt(Date.parse(`${last}T12:00:00+08:00`))).toBe("covered");
    expect(stateAt(endsAt - 1)).toBe("due_soon");
    expect(stateAt(endsAt)).toBe("overdue");
  });
});

describe("facts from records (Q1-4.1, Q1-4.2, Q1-4.4l)", () => {
  const file = read<{
    settings: CoverageSettings;
    records: {
      posts: Record<string, Post>;
      areas: Record<string, Area>;
      scopes: Record<string, InspectorScope>;
      deputies: Record<string, DeputyAppointment>;
      pauses: Record<string, Pause>;
      checks: Record<string, AreaCheck>;
    };
    void: string[];
    at: Moment[];
  }>("unit_facts");
  const rows = <T>(records: Record<string, T>): Row<T>[] =>
    Object.entries(records).map(([id, data]) => ({ id, data }));
  const facts = unitFacts({
    posts: rows(file.records.posts),
    areas: rows(file.records.areas),
    scopes: rows(file.records.scopes),
    deputies: rows(file.records.deputies),
    pauses: rows(file.records.pauses),
    checks: rows(file.records.checks),
    void: new Set(file.void),
  });

  it.each(file.at)("at $now", (moment) => {
    const states = judge(facts, {}, file.settings, calendar, Date.parse(moment.now));
    compare(moment, moment.units ?? {}, new Map(states.map((state) => [state.unit, state])));
  });
});
