// The field list (Q1-4.4i): what is due, in which order, recomputed at the turn of the day.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { businessDate, type Shift } from "./business-date.ts";
import { WorkCalendar } from "./calendar.ts";
import { judge } from "./coverage.ts";
import type { CoverageSettings, UnitFacts } from "./coverage-facts.ts";
import { addDays, type Day } from "./days.ts";
import { DUE_GROUPS, dueList } from "./due-list.ts";

const calendar = new WorkCalendar([{ year: 2026, confirmed: true, days: [] }]);
const settings: CoverageSettings = { mode: "rolling", coverage_start: "2026-11-02", grace_hours: 24 };

function unit(id: string, checkedAt: string[], more: Partial<UnitFacts> = {}): UnitFacts {
  const shift = more.shift ?? "day";
  return {
    unit: id,
    post: "p",
    area: id,
    shift,
    effective_from: "2026-11-02",
    scopes: [{ inspector: "he", starts_on: "2026-11-02" }],
    deputies: [],
    pauses: [],
    checks: checkedAt.map((text) => ({
      id: `${id} ${text}`,
      by: "he",
      ended_at: Date.parse(text),
      business_date: businessDate(Date.parse(text), shift),
      complete: true,
      level: "daily",
    })),
    ...more,
  };
}

const round = [
  unit("today2", ["2026-11-20T11:00:00+08:00"]),
  unit("paused", ["2026-11-20T11:00:00+08:00"], { pauses: [{ starts_on: "2026-11-24" }] }),
  unit("tomorrow", ["2026-11-23T11:00:00+08:00"]),
  unit("overdue", ["2026-11-19T11:00:00+08:00"]),
  unit("done", ["2026-11-19T11:00:00+08:00", "2026-11-25T08:55:00+08:00"]),
  unit("later", ["2026-11-24T11:00:00+08:00"]),
  unit("new", [], { effective_from: "2026-11-25" }),
  unit("today1", ["2026-11-21T11:00:00+08:00"]),
  unit("worse", ["2026-11-17T11:00:00+08:00"]),
];

function groupsAt(now: string, units: UnitFacts[] = round) {
  const { groups } = dueList(units, settings, calendar, Date.parse(now));
  return Object.fromEntries(
    Object.entries(groups)
      .filter(([, states]) => states.length > 0)
      .map(([group, states]) => [group, states.map((state) => state.unit)]),
  );
}

describe("the field list", () => {
  it("groups by due date, the most urgent first, and keeps the order given within a day", () => {
    expect(groupsAt("2026-11-25T09:12:00+08:00")).toEqual({
      overdue: ["worse", "overdue"],
      due_today: ["today2", "today1"],
      next_working_day: ["tomorrow"],
      later: ["later", "new"],
      covered_today: ["done"],
      paused: ["paused"],
    });
  });

  it("is recomputed at the turn of the day", () => {
    expect(groupsAt("2026-11-25T23:59:59+08:00").overdue).toEqual(["worse", "overdue"]);
    expect(groupsAt("2026-11-26T00:00:00+08:00")).toEqual({
      overdue: ["worse", "overdue", "today2", "today1"],
      due_today: ["tomorrow"],
      next_working_day: ["later", "new"],
      later: ["done"],
      paused: ["paused"],
    });
  });

  it("takes Monday for the next working day of a Friday and a Saturday", () => {
    const units = [unit("monday", ["2026-11-25T10:00:00+08:00"])];
    expect(groupsAt("2026-11-27T10:00:00+08:00", units)).toEqual({ next_working_day: ["monday"] });
    expect(groupsAt("2026-11-28T10:00:00+08:00", units)).toEqual({ next_working_day: ["monday"] });
    expect(groupsAt("2026-11-30T10:00:00+08:00", units)).toEqual({ due_today: ["monday"] });
  });

  it("follows business dates for night posts", () => {
    const units = [unit("night", ["2026-11-26T02:00:00+08:00"], { shift: "night" })];
    expect(groupsAt("2026-11-26T03:00:00+08:00", units)).toEqual({ covered_today: ["night"] });
    expect(groupsAt("2026-11-26T07:00:00+08:00", units)).toEqual({ later: ["night"] });
    expect(groupsAt("2026-12-01T06:59:59+08:00", units)).toEqual({ due_today: ["night"] });
    expect(groupsAt("2026-12-01T07:00:00+08:00", units)).toEqual({ overdue: ["night"] });
  });

  it("says how far the round is; paused units are no part of it", () => {
    const { progress } = dueList(round, settings, calendar, Date.parse("2026-11-25T09:12:00+08:00"));
    expect(progress).toEqual({ units: 8, covered: 2, checked_today: 1, daily_share: 3, must_today: 4 });
  });

  it("is empty without units", () => {
    const { groups, progress } = dueList([], settings, calendar, 0);
    expect(Object.values(groups).flat()).toEqual([]);
    expect(progress).toEqual({ units: 0, covered: 0, checked_today: 0, daily_share: 0, must_today: 0 });
  });
});

const days = fc.integer({ min: 0, max: 40 }).map((count) => addDays("2026-11-02", count));
const histories = fc.record({
  days: fc.uniqueArray(days, { maxLength: 8 }),
  pause: fc.option(fc.tuple(days, fc.integer({ min: 0, max: 9 }))),
  shift: fc.constantFrom<Shift>("day", "night"),
});
const noon = (day: Day) => `${day}T12:00:00+08:00`;

describe("for any round", () => {
  it("every unit is in exactly one group, sorted by due date", () => {
    fc.assert(
      fc.property(fc.array(histories, { maxLength: 12 }), days, (rows, today) => {
        const units = rows.map((row, index) =>
          unit(`u${index}`, row.days.map(noon), {
            shift: row.shift,
            pauses: row.pause
              ? [{ starts_on: row.pause[0], ends_on: addDays(row.pause[0], row.pause[1]) }]
              : [],
          }),
        );
        const now = Date.parse(noon(today));
        const { groups, progress } = dueList(units, settings, calendar, now);
        const states = judge(units, "own", settings, calendar, now);
        const listed = DUE_GROUPS.flatMap((group) => groups[group]);
        expect(new Set(listed)).toEqual(new Set(states));
        expect(listed.length).toBe(states.length);
        for (const group of Object.values(groups)) {
          const dues = group.map((state) => state.due_on ?? "");
          expect(dues).toEqual([...dues].sort());
        }
        expect(progress.units + groups.paused.length).toBe(states.length);
      }),
    );
  });

  it("a new check never makes the due date earlier", () => {
    fc.assert(
      fc.property(histories, days, days, (row, extra, today) => {
        const before = unit("u", row.days.map(noon));
        const after = unit("u", [...row.days, extra].map(noon));
        for (const mode of ["rolling", "cycle"] as const) {
          const [a] = judge([before], "own", { ...settings, mode }, calendar, Date.parse(noon(today)));
          const [b] = judge([after], "own", { ...settings, mode }, calendar, Date.parse(noon(today)));
          expect((b?.due_on ?? "") >= (a?.due_on ?? "")).toBe(true);
        }
      }),
    );
  });
});

describe("speed", () => {
  it("lists 208 units with 50 checks each well within a frame budget", () => {
    const checked = Array.from({ length: 50 }, (_, index) => noon(addDays("2026-11-02", index % 25)));
    const units = Array.from({ length: 208 }, (_, index) => unit(`u${index}`, checked));
    const times = Array.from({ length: 5 }, () => {
      const begun = performance.now();
      dueList(units, settings, calendar, Date.parse("2026-11-27T12:00:00+08:00"));
      return performance.now() - begun;
    });
    expect(Math.min(...times)).toBeLessThan(100);
  });
});
