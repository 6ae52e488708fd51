import { describe, expect, it } from "vitest";
import { at, check, finding, LEAD, OTHER_LEAD, post, project, view } from "../../../tests/field/people";
import type { RoundRecords } from "./records";
import { roundOf } from "./round";

const MONDAY = at("2026-11-23T09:12:00");
const roundAt = (records: RoundRecords, now = MONDAY, user = LEAD) => roundOf({ records, user, now });
const groups = (records: RoundRecords, now = MONDAY, user = LEAD) =>
  Object.fromEntries(roundAt(records, now, user).units.map(({ id, group }) => [id, group]));

describe("whose units", () => {
  it("holds the units of one's own team, posts and areas, by code", () => {
    const round = roundAt(project());
    expect(round.units.map(({ id }) => id)).toEqual(["P029", "P029-A1", "P029-A2", "P030", "P030-A1"]);
    expect(round.ranges.map(({ name }) => name)).toEqual(["保洁一班"]);
  });

  it("adds those of whom one acts for, named, and only while one does (Q1-4.2d)", () => {
    const deputies = [
      view("deputy_appointment", "d", {
        inspector: OTHER_LEAD,
        deputy: LEAD,
        starts_on: "2026-11-23",
        ends_on: "2026-11-24",
      }),
    ];
    const round = roundAt(project({ deputies }));
    expect(round.units.find(({ id }) => id === "P035")?.actingFor).toBe(OTHER_LEAD);
    expect(round.units.find(({ id }) => id === "P029")?.actingFor).toBeNull();
    expect(round.actingFor).toEqual([OTHER_LEAD]);
    expect(groups(project({ deputies }), at("2026-11-25T09:00:00"))).not.toHaveProperty("P035");
  });

  it("follows the dates of a scope", () => {
    const scopes = [
      view("inspector_scope", "s7", {
        inspector: LEAD,
        team: "T07",
        starts_on: "2026-11-02",
        ends_on: "2026-11-22",
      }),
    ];
    expect(roundAt(project({ scopes })).units).toEqual([]);
  });

  it("keeps the settings of each project apart", () => {
    const records = project();
    const elsewhere = { space: "xqgy" };
    const both = project({
      centres: [
        ...records.centres,
        view("project_centre", "small", { ...centre(records), coverage_start: "2026-11-23" }, elsewhere),
      ],
      posts: [...records.posts, view("post", "X001", post("X001", "TX").data, elsewhere)],
      scopes: [
        ...records.scopes,
        view("inspector_scope", "sx", { inspector: LEAD, team: "TX", starts_on: "2026-11-02" }, elsewhere),
      ],
    });
    const round = roundAt(both);
    expect(round.units.find(({ id }) => id === "X001")).toMatchObject({ space: "xqgy", group: "later" });
    expect(round.units.find(({ id }) => id === "P029")).toMatchObject({ space: "qyl", group: "overdue" });
  });
});

function centre(records: RoundRecords) {
  const [first] = records.centres;
  if (first === undefined) throw new Error("no centre");
  return first.data;
}

describe("urgency", () => {
  const checks = [
    check("k1", "P029", { business_date: "2026-11-17" }),
    check("k2", "P029-A1", { business_date: "2026-11-18" }),
    check("k3", "P029-A2", { business_date: "2026-11-19" }),
    check("k4", "P030", { business_date: "2026-11-20" }),
    check("k5", "P030-A1", { business_date: "2026-11-23" }),
  ];

  it("groups by what is due, the most urgent first (Q1-4.4i)", () => {
    const round = roundAt(project({ checks }));
    expect(round.units.map(({ id, group }) => [id, group])).toEqual([
      ["P029", "overdue"],
      ["P029-A1", "due_today"],
      ["P029-A2", "next_working_day"],
      ["P030", "later"],
      ["P030-A1", "covered_today"],
    ]);
    expect(round.units.map(({ state }) => state.working_days_left)).toEqual([-1, 0, 1, 2, 3]);
  });

  it("changes at the turn of the day, not before", () => {
    expect(groups(project({ checks }), at("2026-11-23T23:59:59"))["P029-A1"]).toBe("due_today");
    expect(groups(project({ checks }), at("2026-11-24T00:00:00"))["P029-A1"]).toBe("overdue");
    expect(groups(project({ checks }), at("2026-11-24T00:00:00"))["P030-A1"]).toBe("later");
  });

  it("counts what was due when the day began, and how much of it is done", () => {
    const today = [
      ...checks,
      check("k6", "P029", { business_date: "2026-11-23" }),
      check("k7", "P030-A1", { business_date: "2026-11-17" }),
    ];
    const { summary } = roundAt(project({ checks: today }));
    // Due: P029 (overdue), P029-A1 (today), P030-A1 (was overdue). Checked today: P029 and P030-A1.
    expect(summary).toMatchObject({ dueToday: 3, dueDone: 2, units: 5, inTime: 5 });
  });

  it("counts overlapping minutes once, against a target by number of units (Q1-4.3a)", () => {
    const today = [
      check("k8", "P029", {
        business_date: "2026-11-23",
        started_at: "2026-11-23T09:00:00+08:00",
        ended_at: "2026-11-23T09:06:00+08:00",
      }),
      check("k9", "P030", {
        business_date: "2026-11-23",
        started_at: "2026-11-23T09:03:00+08:00",
        ended_at: "2026-11-23T09:09:00+08:00",
      }),
    ];
    const { summary } = roundAt(project({ checks: today }));
    expect(summary.seconds).toBe(9 * 60);
    expect(summary.targetSeconds).toBe(15 * 60);
  });

  it("counts no minutes of a time that has not come", () => {
    const astray = check("k8", "P029", {
      business_date: "2026-11-23",
      started_at: "2026-11-23T09:00:00+08:00",
      ended_at: "2027-11-23T09:06:00+08:00",
    });
    expect(roundAt(project({ checks: [astray] })).summary.seconds).toBe(0);
  });

  it("takes a voided visit's checks for not made", () => {
    const inspections = [
      view("inspection", "visit-2026-11-20", {
        level: "daily" as const,
        inspector: LEAD,
        business_date: "2026-11-20",
        unplanned: false,
        started_at: "2026-11-20T09:00:00+08:00",
        state: "voided" as const,
      }),
    ];
    expect(groups(project({ checks: [check("k", "P029")], inspections })).P029).toBe("overdue");
    expect(groups(project({ checks: [check("k", "P029")] })).P029).toBe("later");
  });

  it("says when a due day hangs on a calendar that is not confirmed (X-13)", () => {
    const calendars = [view("work_calendar", "2026", { year: 2026, confirmed: false, days: [] })];
    expect(roundAt(project({ calendars })).calendarUnconfirmed).toBe(true);
    expect(roundAt(project()).calendarUnconfirmed).toBe(false);
  });
});

describe("what a row tells", () => {
  it("counts open findings, and remembers a draft", () => {
    const records = project({
      findings: [finding("f1", "k"), finding("f2", "k"), finding("f3", "k", { state: "closed" })],
      drafts: [{ id: "d", kind: "check", blobs: [], saved_at: 7, data: { unit: "P029-A1" } as never }],
    });
    const unit = roundAt(records).units.find(({ id }) => id === "P029-A1");
    expect(unit).toMatchObject({ openFindings: 2, draftAt: 7 });
  });

  it("counts a check after midnight for the day that the night shift began (Q1-4.4e)", () => {
    const night = project({
      posts: [post("P019", "T07", { shift: "night" })],
      areas: [],
      checks: [
        check("k", "P019", {
          business_date: "2026-11-24",
          started_at: "2026-11-25T01:50:00+08:00",
          ended_at: "2026-11-25T02:00:00+08:00",
        }),
      ],
    });
    const at2 = roundAt(night, at("2026-11-25T02:10:00")).units[0];
    expect(at2).toMatchObject({ group: "covered_today", today: "2026-11-24" });
    expect(at2?.state.due_on).toBe("2026-11-27");
    expect(roundAt(night, at("2026-11-25T07:00:00")).units[0]?.group).toBe("later");
  });
});
