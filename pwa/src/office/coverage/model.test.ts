import { describe, expect, it } from "vitest";
import type { CoverageAnswer } from "../../contract/index.ts";
import {
  boardRows,
  type CoverageUnit,
  countStates,
  dueNextByInspector,
  needingAttention,
  toCsv,
} from "./model.ts";

function unit(code: string, state: CoverageUnit["state"], more: Partial<CoverageUnit> = {}): CoverageUnit {
  return {
    unit: `unit-${code}`,
    post: "post-29",
    state,
    calendar_unconfirmed: false,
    code,
    name: `单元${code}`,
    team: "team-7",
    inspector: "he",
    due_on: "2026-11-24",
    working_days_left: 1,
    ...more,
  };
}

const ANSWER: CoverageAnswer = {
  mode: "rolling",
  as_of: "2026-11-23T09:12:40+08:00",
  units: [
    unit("P029", "covered"),
    unit("P029-A1", "due_soon"),
    unit("P029-A2", "overdue", { working_days_left: -1, due_on: "2026-11-20" }),
    unit("S01-1", "due_soon", { post: "post-s1", team: null, item: "item-1", inspector: "deng" }),
    unit("S01-2", "unconfirmed", { post: "post-s1", team: null, item: "item-1", inspector: "deng" }),
  ],
  posts: [
    {
      post: "post-29",
      state: "overdue",
      covered: false,
      missing: ["unit-P029-A2"],
      code: "P029",
      name: "1号楼保洁岗",
    },
    { post: "post-s1", state: "unconfirmed", covered: true, missing: [], code: "S01-1", name: "维保作业点" },
  ],
  groups: [
    { id: "team-7", kind: "team", code: "T07", name: "保洁一班", name_en: "Cleaning 1", lead: "he" },
    { id: "item-1", kind: "subcontract_item", code: "S01", name: "电梯维保" },
    { id: "he", kind: "person", name: "何桂兰" },
    { id: "deng", kind: "person", name: "邓启明" },
  ],
};
const ALL = { text: "", state: "" } as const;

describe("coverage board", () => {
  it("groups units by team and item, most urgent first", () => {
    const rows = boardRows(ANSWER, "team", ALL);
    expect(rows.map((row) => [row.name, row.person, row.inTime])).toEqual([
      ["保洁一班", "何桂兰", 2],
      ["电梯维保", "邓启明", 1],
    ]);
    expect(rows[0]?.units.map((one) => one.code)).toEqual(["P029-A2", "P029-A1", "P029"]);
  });

  it("lists teams before items, each by code, whatever the order of the answer", () => {
    const rows = boardRows({ ...ANSWER, units: [...ANSWER.units].reverse() }, "team", ALL);
    expect(rows.map((row) => row.name)).toEqual(["保洁一班", "电梯维保"]);
  });

  it("groups by inspector and by post", () => {
    expect(boardRows(ANSWER, "inspector", ALL).map((row) => row.name)).toEqual(["何桂兰", "邓启明"]);
    expect(boardRows(ANSWER, "post", ALL).map((row) => row.name)).toEqual(["1号楼保洁岗", "维保作业点"]);
  });

  it("filters by state and by any name behind a unit", () => {
    const codes = (text: string, state: CoverageUnit["state"] | "" = "") =>
      boardRows(ANSWER, "team", { text, state }).flatMap((row) => row.units.map((one) => one.code));
    expect(codes("", "overdue")).toEqual(["P029-A2"]);
    expect(codes("邓启明")).toEqual(["S01-2", "S01-1"]);
    expect(codes("cleaning")).toHaveLength(3);
    expect(codes("P029-a1")).toEqual(["P029-A1"]);
    expect(codes("没有")).toEqual([]);
  });

  it("counts every state", () => {
    expect(countStates(ANSWER.units)).toEqual({
      overdue: 1,
      unconfirmed: 1,
      due_soon: 2,
      never_checked: 0,
      covered: 1,
      paused: 0,
    });
  });

  it("names who has units due on the next working day, and what needs attention", () => {
    expect(dueNextByInspector(ANSWER)).toEqual([
      { inspector: "deng", units: 1 },
      { inspector: "he", units: 1 },
    ]);
    expect(needingAttention(ANSWER).map((one) => one.code)).toEqual(["P029-A2", "S01-2"]);
  });

  it("keeps spreadsheet formulas harmless", () => {
    expect(toCsv(["名称"], [["=1+1"], ['引"号,逗号']])).toBe('\uFEFF名称\r\n\'=1+1\r\n"引""号,逗号"\r\n');
  });
});
