import { describe, expect, it } from "vitest";
import { at, check, project, view } from "../../../tests/field/people";
import { ROLES } from "../../contract";
import { rowsOf } from "../round/rows";
import { badgeOf } from "./badge";
import { resumed, startDraft } from "./draft";
import { doorsOf, landingOf } from "./landing";
import { matches, nameOf, searchText } from "./names";
import { describe as describeParked, reasonKey, todoKey } from "./parked";
import { roundOf } from "./round";
import { hasteOf, nextUnits } from "./saved";
import { standardOf, versionOn } from "./standard";

const now = at("2026-11-23T09:12:00");
const round = (part = {}) => roundOf({ records: project(part), user: "何桂兰", now });

describe("where one lands", () => {
  it("is the round for daily inspectors, the office for office roles, both doors for both", () => {
    expect(landingOf({ qyl: ["team_lead"] })).toBe("/field");
    expect(landingOf({ hq: ["sync_reviewer", "quality_staff"] })).toBe("/office");
    expect(landingOf({ qyl: ["department_manager", "subcontract_owner"] })).toBe("/field");
    expect(doorsOf({ qyl: ["department_manager", "subcontract_owner"] })).toEqual({
      field: true,
      office: true,
    });
    expect(landingOf({ qyl: ["service_desk"] })).toBe("/no-role");
    expect(landingOf({})).toBe("/field");
  });

  it("knows no role that the contract does not know", () => {
    const all = Object.keys(ROLES);
    const open = all.filter((role) => doorsOf({ a: [role] }).field || doorsOf({ a: [role] }).office);
    expect(open).toHaveLength(15);
  });
});

describe("the list", () => {
  const units = round({ checks: [check("k", "P030", { business_date: "2026-11-23" })] }).units;

  it("puts a heading with its count before each group", () => {
    const rows = rowsOf(units, "", "all").map((row) =>
      row.kind === "group" ? `${row.group} ${row.count}` : row.key,
    );
    expect(rows).toEqual(["overdue 4", "P029", "P029-A1", "P029-A2", "P030-A1", "covered_today 1", "P030"]);
  });

  it("finds by part of the name or code, every word of it", () => {
    expect(rowsOf(units, "p029 a2区", "all").filter(({ kind }) => kind === "unit")).toHaveLength(1);
    expect(rowsOf(units, "没有", "all")).toEqual([]);
  });

  it("filters by what is to do and what is done", () => {
    expect(rowsOf(units, "", "todo").filter(({ kind }) => kind === "unit")).toHaveLength(4);
    expect(rowsOf(units, "", "done").map(({ key }) => key)).toEqual(["covered_today", "P030"]);
    expect(rowsOf(units, "", "findings")).toEqual([]);
  });
});

describe("the badge", () => {
  const badge = (group: string, left: number, last: string | null = "k") =>
    badgeOf({ group, state: { working_days_left: left, last_check: last } } as never);

  it("says shape, word and number", () => {
    expect(badge("overdue", -2)).toEqual({ state: "overdue", word: "overdue", n: 2 });
    expect(badge("overdue", 0)).toEqual({ state: "overdue", word: "overdue_now", n: -0 });
    expect(badge("due_today", 0)).toEqual({ state: "due_soon", word: "today", n: 0 });
    expect(badge("next_working_day", 1)).toEqual({ state: "due_soon", word: "left", n: 1 });
    expect(badge("later", 2)).toEqual({ state: "covered", word: "left", n: 2 });
    expect(badge("later", 2, null)).toEqual({ state: "never_checked", word: "never_left", n: 2 });
    expect(badge("due_today", 0, null)).toEqual({ state: "due_soon", word: "never_today", n: 0 });
    expect(badge("paused", 0)).toEqual({ state: "paused", word: "paused", n: 0 });
  });
});

describe("after a check", () => {
  it("leads to what is due, the same post first", () => {
    const checks = [check("k", "P030", { business_date: "2026-11-23" })];
    expect(nextUnits(round({ checks }), "P030").map(({ id }) => id)).toEqual(["P030-A1", "P029", "P029-A1"]);
  });

  it("leads on to the next days when today is done", () => {
    const checks = ["P029", "P029-A1", "P029-A2", "P030-A1"].map((unit) => check(`k-${unit}`, unit));
    const done = [...checks, check("k", "P030", { business_date: "2026-11-23" })];
    expect(nextUnits(round({ checks: done }), "P030").map(({ id }) => id)).toEqual([
      "P030-A1",
      "P029",
      "P029-A1",
    ]);
  });

  it("says honestly when it was quick, and when three fell within a minute (Q1-3.2.5b)", () => {
    const quick = (id: string, second: number, took: number) => {
      const end = now + second * 1000;
      return check(id, "P029", {
        started_at: new Date(end - took * 1000).toISOString(),
        ended_at: new Date(end).toISOString(),
      });
    };
    const three = [quick("a", 0, 14), quick("b", 20, 25), quick("c", 40, 25)];
    expect(hasteOf((three[0] as (typeof three)[0]).data, three.slice(0, 2))).toEqual({
      seconds: 14,
      inOneMinute: null,
    });
    expect(hasteOf((three[1] as (typeof three)[0]).data, three)).toEqual({ seconds: null, inOneMinute: 3 });
  });
});

describe("a check taken up again", () => {
  const draft = startDraft({
    id: "x",
    space: "qyl",
    unit: "u",
    post: "p",
    standard_version: 1,
    acting_for: null,
    started_at: "2026-11-23T09:00:00+08:00",
    clock_offset_ms: null,
  });
  const zoned = (ms: number) => new Date(ms).toISOString();
  const saved = at("2026-11-23T09:05:00");

  it("goes on as it was after a moment", () => {
    expect(resumed(draft, saved, saved + 10 * 60_000, zoned)).toBe(draft);
  });

  it("has taken after a long pause only the time before it", () => {
    const later = saved + 20 * 3600_000;
    expect(later - Date.parse(resumed(draft, saved, later, zoned).started_at)).toBe(5 * 60_000);
  });
});

describe("the standard", () => {
  const standard = (version: number, effective_on: string, state: "draft" | "published") =>
    view("standard", `v${version}`, { version, name: "标准", state, effective_on });
  const item = (version: number, code: string, discipline: "GM" | "CL", order: number) =>
    view("check_item", `${version}${code}`, {
      version,
      code,
      discipline,
      order,
      name: code,
      criterion: "x",
      methods: ["V" as const],
      weight: 1,
      photo_rule: "F" as const,
      proposed_class: "MIN" as const,
    });

  it("in force is the newest published one whose day has come (Q1-3.3b)", () => {
    const all = [
      standard(1, "2026-01-01", "published"),
      standard(2, "2026-11-24", "published"),
      standard(3, "2026-01-01", "draft"),
    ];
    expect(versionOn(all, "2026-11-23")).toBe(1);
    expect(versionOn(all, "2026-11-24")).toBe(2);
    expect(versionOn([], "2026-11-24")).toBeNull();
  });

  it("gives a post its GM items and an area those of its type that exist there, of one version only", () => {
    const records = {
      standards: [],
      items: [
        item(1, "CL-02", "CL", 2),
        item(1, "CL-01", "CL", 1),
        item(2, "CL-01", "CL", 1),
        item(1, "GM-01", "GM", 0),
      ],
      postTypes: [
        view("post_type", "t", {
          version: 1,
          code: "clean_building",
          name: "楼内保洁",
          items: ["CL-01", "CL-02"],
        }),
      ],
    };
    const data = { post_type: "clean_building", certificates: false } as never;
    const codes = (area: never | null) => standardOf(records, 1, data, area).items.map(({ code }) => code);
    expect(codes(null)).toEqual(["GM-01"]);
    expect(codes({ code: "A1", items_off: null } as never)).toEqual(["CL-01", "CL-02"]);
    expect(codes({ code: "A1", items_off: ["CL-01"] } as never)).toEqual(["CL-02"]);
  });
});

describe("names", () => {
  it("come in the language of the screen where there is one", () => {
    expect(nameOf({ name: "东门", name_en: "East gate" }, "en")).toBe("East gate");
    expect(nameOf({ name: "东门", name_en: null }, "en")).toBe("东门");
    expect(nameOf({ name: "东门", name_en: "East gate" }, "zh-CN")).toBe("东门");
  });

  it("are found in either language", () => {
    const text = searchText({ name: "东门", name_en: "East gate", code: "P009" });
    expect(["东", "east", "p009", "gate 东", ""].every((search) => matches(text, search))).toBe(true);
    expect(matches(text, "west")).toBe(false);
  });
});

describe("a parked commit", () => {
  const entry = (state: string, code: string | null, kinds: string[]) =>
    ({
      state,
      result: code === null ? null : { reason: { code } },
      commit: { changes: kinds.map((kind) => ({ kind, set: { unit: "P029" } })) },
    }) as never;

  it("is described by its most telling change", () => {
    expect(describeParked(entry("parked", null, ["inspection", "area_check", "finding"]))).toMatchObject({
      kind: "check",
      unit: "P029",
    });
    expect(describeParked(entry("parked", null, ["finding"])).kind).toBe("finding");
    expect(describeParked(entry("parked", null, ["photo"]))).toMatchObject({ kind: "other", unit: null });
  });

  it("tells why in words that help", () => {
    const known = (code: string) => code === "quarantine";
    expect(reasonKey(entry("parked", "quarantine", []), known)).toBe("quarantine");
    expect(reasonKey(entry("parked", "element_policy", []), known)).toBe("other");
    expect(reasonKey(entry("aside", null, []), known)).toBe("aside");
    expect(todoKey(entry("parked", "quarantine", []))).toBe("heals");
    expect(todoKey(entry("parked", "bad_field", []))).toBe("stuck");
    expect(todoKey(entry("parked", "discarded", []))).toBe("discarded");
  });
});
