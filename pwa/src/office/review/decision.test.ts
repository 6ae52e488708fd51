import { describe, expect, it } from "vitest";
import type { ConflictAnswer } from "../../contract/index.ts";
import {
  beginning,
  carriedOver,
  type Draft,
  decidedValue,
  emptyDraft,
  hasMoved,
  lacks,
  nextOf,
  Sending,
} from "./decision.ts";
import { correctionOf, correctionWords, editable, isSkewed, matches, policyOf, type Side } from "./sides.ts";

const FIELDS = ["class", "class_table_version", "attribution", "responsible_person", "disposition", "due_at"];

function side(change: string, value: unknown, more: Partial<Side> = {}): Side {
  return { change, value, signed: [], ...more };
}

/** 何桂兰 GEN, and later 姚春燕 SER, on one finding. */
function conflict(more: Partial<ConflictAnswer> = {}): ConflictAnswer {
  return {
    row: {
      id: "c1",
      space: "qyl",
      record: "f1",
      record_kind: "finding",
      unit: "evaluation",
      reason: "diverged",
      state: "open",
      opened_at: "2026-11-16T15:37:00+08:00",
      waiting_seconds: 600,
      rivals: 1,
      people: [{ id: "he", name: "何桂兰" }],
      post: { id: "p", code: "P052", name: "配电值班岗", name_en: "Switch room" },
      description: "绝缘垫破损",
    },
    fields: FIELDS,
    base: null,
    current: side("a", { class: "GEN", class_table_version: 1, attribution: "team" }),
    rivals: [side("b", { class: "SER", class_table_version: 2, attribution: "team" })],
    merged: [],
    data: {},
    photos: [],
    names: {},
    seen: ["a", "b"],
    may_decide: true,
    ...more,
  };
}
const chosen = (change: string, reason = "现场核实"): Draft => ({
  choice: { side: change },
  reason,
  third: null,
});

describe("a decision", () => {
  it("needs a value that competes, and a reason that says something", () => {
    const answer = conflict();
    expect(lacks(answer, emptyDraft())).toBe("choice");
    expect(lacks(answer, chosen("gone"))).toBe("choice");
    expect(lacks(answer, { choice: "third", reason: "x", third: null })).toBe("choice");
    expect(lacks(answer, chosen("b", "  "))).toBe("reason");
    expect(lacks(answer, chosen("b"))).toBeNull();
  });

  it("is for the side's value as it came, or for what was entered", () => {
    const answer = conflict();
    expect(decidedValue(answer, chosen("b"))).toBe(answer.rivals[0]?.value);
    expect(decidedValue(answer, { choice: "third", reason: "x", third: { value: "y" } })).toBe("y");
  });

  it("begins a third value from the current one, whole, judged by the newest table", () => {
    expect(beginning(conflict())).toEqual({
      class: "GEN",
      class_table_version: 2,
      attribution: "team",
      responsible_person: null,
      disposition: null,
      due_at: null,
    });
    const answer = conflict();
    expect(
      beginning({
        ...answer,
        fields: ["note"],
        row: { ...answer.row, unit: "note" },
        current: side("a", "一"),
      }),
    ).toBe("一");
  });

  it("keeps its commit's id when the same is sent again, and takes a fresh one for another", () => {
    let count = 0;
    const sending = new Sending(() => `id-${++count}`);
    const answer = conflict();
    const first = sending.request(answer, chosen("b"));
    expect(first).toEqual({
      commit: "id-1",
      seen: ["a", "b"],
      value: answer.rivals[0]?.value,
      reason: "现场核实",
    });
    expect(sending.request(answer, chosen("b", " 现场核实 ")).commit).toBe("id-1");
    expect(sending.request(answer, chosen("b", "再看")).commit).toBe("id-2");
    expect(sending.request(conflict({ seen: ["a", "b", "d"] }), chosen("b", "再看")).commit).toBe("id-3");
  });
});

describe("what comes meanwhile (409, or a poke)", () => {
  it("is news only if a decision must have seen it", () => {
    const shown = conflict();
    expect(hasMoved(shown, conflict({ seen: ["b", "a"], photos: [] }))).toBe(false);
    expect(hasMoved(shown, conflict({ seen: ["a", "b", "d"] }))).toBe(true);
    expect(hasMoved(shown, { ...shown, row: { ...shown.row, state: "resolved" } })).toBe(true);
  });

  it("takes nothing of what was entered; only a choice that is gone must be made anew", () => {
    const third = { value: { class: "MIN" } };
    const draft = { ...chosen("b"), third };
    expect(carriedOver(draft, conflict({ rivals: [side("d", { class: "CRI" })] }))).toEqual({
      choice: null,
      reason: "现场核实",
      third,
    });
    expect(carriedOver(draft, conflict({ current: side("e", { class: "MIN" }) })).choice).toEqual({
      side: "b",
    });
    const entered: Draft = { choice: "third", reason: "x", third };
    expect(carriedOver(entered, conflict({ rivals: [] }))).toEqual(entered);
  });

  it("is followed by the next conflict, else the one before, else none", () => {
    expect(nextOf(["a", "b", "c"], "b")).toBe("c");
    expect(nextOf(["a", "b", "c"], "c")).toBe("b");
    expect(nextOf(["a"], "a")).toBeNull();
    expect(nextOf(["a"], "elsewhere")).toBe("a");
  });
});

describe("a side", () => {
  it("tells by how much its clock was corrected", () => {
    const raw = { made_at: "2026-11-16T09:10:00+08:00", corrected_at: "2026-11-16T09:09:19+08:00" };
    const span = (ms: number) => `${ms / 1000} 秒`;
    expect(correctionOf(side("b", 1, raw))).toBe(-41);
    expect(correctionWords(-41, span)).toBe("−41 秒");
    expect(correctionWords(0, span)).toBe("+0 秒");
    expect(correctionOf(side("b", 1))).toBeNull();
    expect(isSkewed(side("b", 1, raw))).toBe(false);
    expect(isSkewed(side("b", 1, { ...raw, corrected_at: "2026-11-16T08:59:19+08:00" }))).toBe(true);
  });

  it("may be replaced by another value where the form can be entered", () => {
    const of = (unit: string, fields: string[], kind = "finding") => {
      const answer = conflict({ fields });
      return { ...answer, row: { ...answer.row, unit, record_kind: kind } };
    };
    expect(editable(conflict())).toEqual([
      "class",
      "attribution",
      "responsible_person",
      "disposition",
      "due_at",
    ]);
    expect(editable(of("tags", ["tags"]))).toEqual(["tags"]);
    expect(editable(of("*", ["deleted"]))).toBeNull();
    expect(editable(of("results", ["results"], "area_check"))).toBeNull();
    expect(policyOf(of("result", ["result"], "area_check"))).toBe("worst");
    expect([policyOf(conflict()), policyOf(of("*", ["deleted"]))]).toEqual(["review", "delete"]);
  });

  it("is found by post, person, problem and the unit's name", () => {
    const { row } = conflict();
    for (const text of ["", "p052", "配电", "switch", "何桂兰", "绝缘垫", "评定 "])
      expect(matches(row, "评定", text)).toBe(true);
    expect(matches(row, "评定", "绿化")).toBe(false);
  });
});
