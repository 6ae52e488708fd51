import { describe, expect, it } from "vitest";
import { keyAct, type Pressed } from "./keys.ts";
import { fromField, toField } from "./moments.ts";
import { changesOf, grouped, kindOf, madeAt, type ParkedRow, placeOf } from "./parked.ts";

const press = (key: string, more: Partial<Pressed> = {}): Pressed => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  isComposing: false,
  ...more,
});

describe("the keyboard of the desk", () => {
  it("chooses by digit as far as there are choices, and moves by J and K", () => {
    expect(keyAct(press("1"), false, 3)).toEqual({ act: "choose", index: 0 });
    expect(keyAct(press("3"), false, 3)).toEqual({ act: "choose", index: 2 });
    expect(keyAct(press("4"), false, 3)).toBeNull();
    expect(keyAct(press("0"), false, 3)).toBeNull();
    expect([keyAct(press("j"), false, 0), keyAct(press("K"), false, 0)]).toEqual([
      { act: "next" },
      { act: "previous" },
    ]);
  });

  it("does nothing while somebody types, but for Ctrl+Enter", () => {
    for (const key of ["1", "j", "k", "Enter"]) expect(keyAct(press(key), true, 3)).toBeNull();
    expect(keyAct(press("Enter", { ctrlKey: true }), true, 3)).toEqual({ act: "confirm" });
    expect(keyAct(press("Enter", { metaKey: true }), false, 3)).toEqual({ act: "confirm" });
  });

  it("leaves the browser's own keys and a composing input method alone", () => {
    expect(keyAct(press("1", { ctrlKey: true }), false, 3)).toBeNull();
    expect(keyAct(press("1", { altKey: true }), false, 3)).toBeNull();
    expect(keyAct(press("Enter", { ctrlKey: true, isComposing: true }), true, 3)).toBeNull();
  });
});

describe("moments in a form", () => {
  it("are in the business zone, whatever zone they came in", () => {
    expect(toField("2026-11-20T10:00:00Z")).toBe("2026-11-20T18:00");
    expect(toField("2026-11-20T18:00:00+08:00")).toBe("2026-11-20T18:00");
    expect([toField(null), toField("soon")]).toEqual(["", ""]);
    expect(fromField("2026-11-20T18:00")).toBe("2026-11-20T18:00:00+08:00");
    expect(fromField("")).toBeNull();
  });
});

function parked(id: string, device: string, code: string, n: number, user = "he"): ParkedRow {
  const author = { id: user, name: user };
  const arrived_at = "2026-11-16T15:37:00+08:00";
  return {
    id,
    space: "qyl",
    user,
    author,
    device,
    n,
    commit: {},
    reason: { code },
    waits_for: [],
    arrived_at,
    state: "parked",
  };
}

describe("what is parked", () => {
  it("is read as far as it can be read", () => {
    expect(changesOf(null)).toEqual([]);
    expect(changesOf({ changes: [null, 7, { kind: "finding" }, "x"] })).toEqual([]);
    const [change] = changesOf({
      changes: [{ kind: "finding", record: "f", op: "odd", set: 3, remove: { tags: ["a", "b"] } }],
    });
    expect(change).toEqual({ op: "patch", kind: "finding", record: "f", set: {}, add: {}, removed: 2 });
    expect([madeAt({ made_at: "soon" }), madeAt([])]).toEqual([null, null]);
    expect(madeAt({ made_at: "2026-11-16T09:10:00+08:00" })).toBe("2026-11-16T09:10:00+08:00");
  });

  it("is called by its most telling change", () => {
    const of = (...changes: object[]) =>
      kindOf(changesOf({ changes: changes.map((one) => ({ record: "r", op: "patch", ...one })) }));
    expect(of()).toBe("unreadable");
    expect(of({ kind: "photo" }, { kind: "finding", op: "create" }, { kind: "area_check" })).toBe("check");
    expect(of({ kind: "finding", set: { attribution: "team" } })).toBe("evaluation");
    expect(of({ kind: "finding", add: { corrections: [] } })).toBe("correction");
    expect(of({ kind: "finding", set: { note: "x" } })).toBe("finding");
    expect(of({ kind: "pause" })).toBe("other");
    const check = { kind: "area_check", record: "c", op: "create", set: { unit: "u" } };
    expect(placeOf(changesOf({ changes: [{ kind: "photo", record: "p", set: { unit: "v" } }, check] }))).toBe(
      "u",
    );
  });

  it("is grouped by device where it is quarantined, each author's in the order of making", () => {
    const rows = [
      parked("a", "d1", "quarantine", 9),
      parked("b", "d2", "not_found", 1),
      parked("c", "d1", "quarantine", 3),
      parked("d", "d3", "quarantine", 1),
    ];
    const { groups, others } = grouped(rows);
    expect(groups.map((group) => [group.device, group.rows.map((row) => row.id)])).toEqual([
      ["d1", ["c", "a"]],
      ["d3", ["d"]],
    ]);
    expect(others.map((row) => row.id)).toEqual(["b"]);
  });
});
