import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KINDS } from "../../tests/kit/device.ts";
import { applyChange, type LaidChange, layOver, type RecordState } from "./overlay.ts";
import type { Change } from "./types.ts";

const BASE: RecordState = {
  kind: "finding",
  id: "f1",
  space: "qyl",
  seq: 10,
  deleted: false,
  data: { note: "裂缝", class: "MIN", photos: [{ id: "e1", value: "p1" }] },
  created_by_change: "c0",
  last_change: "c0",
  versions: {},
  contested: [],
};

const patch = (id: string, part: Partial<Change>): Change => ({
  id,
  op: "patch",
  kind: "finding",
  record: "f1",
  ...part,
});
const laid = (change: Change, part: Partial<LaidChange> = {}): LaidChange => ({
  change,
  seq: 0,
  acknowledged: false,
  parked: false,
  ...part,
});

describe("one change over a record", () => {
  test("a field that belongs to a group gives the group its version", () => {
    const after = applyChange(KINDS, "qyl", BASE, patch("c1", { set: { class: "GEN" } }));
    expect(after?.versions).toEqual({ evaluation: "c1" });
    expect(after?.data.class).toBe("GEN");
    expect(after?.last_change).toBe("c1");
  });

  test("an element is added once and removed by its id", () => {
    const add = {
      photos: [
        { id: "e1", value: "p1" },
        { id: "e2", value: "p2" },
      ],
    };
    const added = applyChange(KINDS, "qyl", BASE, patch("c1", { add }));
    expect(added?.data.photos).toEqual([
      { id: "e1", value: "p1" },
      { id: "e2", value: "p2" },
    ]);
    const removed = applyChange(KINDS, "qyl", added, patch("c2", { remove: { photos: ["e1"] } }));
    expect(removed?.data.photos).toEqual([{ id: "e2", value: "p2" }]);
  });

  test("the base is never changed in place", () => {
    const before = structuredClone(BASE);
    applyChange(
      KINDS,
      "qyl",
      BASE,
      patch("c1", { set: { note: "x" }, add: { photos: [{ id: "e9", value: "p" }] } }),
    );
    expect(BASE).toEqual(before);
  });

  test("a patch of a record that is not here lays nothing", () => {
    expect(applyChange(KINDS, "qyl", null, patch("c1", { set: { note: "x" } }))).toBeNull();
  });
});

describe("all changes over a base", () => {
  test("what the base already holds, by seq, is left out", () => {
    const old = laid(patch("c1", { set: { note: "old" } }), { seq: 9, acknowledged: true });
    expect(layOver(KINDS, "qyl", BASE, [old])).toBeNull();
    const newer = laid(patch("c2", { set: { note: "new" } }), { seq: 11, acknowledged: true });
    const over = layOver(KINDS, "qyl", BASE, [old, newer]);
    expect(over?.state.data.note).toBe("new");
    expect(over?.pending).toBe(false);
  });

  test("unacknowledged makes pending, parked makes parked", () => {
    const over = layOver(KINDS, "qyl", BASE, [
      laid(patch("c1", { set: { note: "a" } }), { acknowledged: true, seq: 11 }),
      laid(patch("c2", { set: { note: "b" } }), { parked: true }),
    ]);
    expect(over).toMatchObject({ pending: true, parked: true, state: { data: { note: "b" } } });
  });

  test("laying one by one equals laying all at once, whatever the changes", () => {
    const change = fc.record({
      note: fc.option(fc.constantFrom("a", "b", null), { nil: undefined }),
      class: fc.option(fc.constantFrom("MIN", "GEN"), { nil: undefined }),
      photo: fc.option(fc.constantFrom("e1", "e2", "e3"), { nil: undefined }),
      gone: fc.option(fc.constantFrom("e1", "e2"), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (raw) => {
        const changes = raw.map((one, i) =>
          patch(`c${i}`, {
            set: {
              ...(one.note === undefined ? {} : { note: one.note }),
              ...(one.class === undefined ? {} : { class: one.class }),
            },
            ...(one.photo === undefined ? {} : { add: { photos: [{ id: one.photo, value: one.photo }] } }),
            ...(one.gone === undefined ? {} : { remove: { photos: [one.gone] } }),
          }),
        );
        const once = layOver(
          KINDS,
          "qyl",
          BASE,
          changes.map((one) => laid(one)),
        )?.state;
        let stepwise: RecordState | null = BASE;
        for (const one of changes) stepwise = applyChange(KINDS, "qyl", stepwise, one);
        expect(once).toEqual(stepwise);
        const notes = raw.map(({ note }) => note).filter((note) => note !== undefined);
        expect(once?.data.note).toBe(notes.length === 0 ? "裂缝" : notes.at(-1));
        const ids = ((once?.data.photos ?? []) as { id: string }[]).map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });
});
