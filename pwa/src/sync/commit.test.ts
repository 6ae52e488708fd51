import { expect, test } from "vitest";
import { KINDS } from "../../tests/kit/device.ts";
import type { ViewRecord } from "../store/index.ts";
import { makeCommit } from "./commit.ts";

const SEEN: ViewRecord = {
  id: "f1",
  kind: "finding",
  space: "qyl",
  seq: 9,
  deleted: false,
  data: { note: "裂缝" },
  created_by_change: "c0",
  last_change: "c7",
  versions: { evaluation: "c7" },
  contested: [],
  pending: false,
  parked: false,
};

function made(edits: Parameters<typeof makeCommit>[1]) {
  let count = 0;
  return makeCommit("qyl", edits, { kinds: KINDS, blobs: ["s1"], uuid: () => `id${++count}` });
}

test("bases are the versions of what was seen, by unit; the creating change where a unit has none", () => {
  const { changes } = made([
    { op: "patch", seen: SEEN, set: { class: "GEN", attribution: "personal", note: "x" } },
  ]);
  expect(changes[0]).toEqual({
    id: "id1",
    op: "patch",
    kind: "finding",
    record: "f1",
    base: { evaluation: "c7", note: "c0" },
    set: { class: "GEN", attribution: "personal", note: "x" },
  });
});

test("a unit that is judged but not set is named in the base", () => {
  const { changes } = made([{ op: "patch", seen: SEEN, set: { note: "x" }, judged: ["evaluation"] }]);
  expect(changes[0]?.base).toEqual({ note: "c0", evaluation: "c7" });
});

test("elements get ids and need no base", () => {
  const { changes } = made([
    {
      op: "patch",
      seen: SEEN,
      add: { photos: [{ value: "p1" }, { id: "e2", value: "p2" }] },
      remove: { photos: ["e0"] },
    },
  ]);
  expect(changes[0]?.base).toEqual({});
  expect(changes[0]?.add).toEqual({
    photos: [
      { id: "id2", value: "p1" },
      { id: "e2", value: "p2" },
    ],
  });
  expect(changes[0]?.remove).toEqual({ photos: ["e0"] });
});

test("deleting carries the record's last change", () => {
  expect(made([{ op: "delete", seen: SEEN }]).changes[0]?.base).toEqual({ "*": "c7" });
});

test("later changes of the same commit build on earlier ones", () => {
  const { changes } = made([
    { op: "create", kind: "finding", record: "f2", set: { note: "a", class: "MIN" }, audience: ["project"] },
    { op: "patch", seen: { ...SEEN, id: "f2" }, set: { note: "b" } },
    { op: "patch", seen: { ...SEEN, id: "f2" }, set: { note: "c", class: "GEN" } },
    { op: "delete", seen: { ...SEEN, id: "f2" } },
  ]);
  const [create, first, second, gone] = changes;
  expect(create).toMatchObject({ op: "create", record: "f2", audience: ["project"] });
  expect(create).not.toHaveProperty("base");
  expect(first?.base).toEqual({ note: create?.id });
  expect(second?.base).toEqual({ note: first?.id, evaluation: create?.id });
  expect(gone?.base).toEqual({ "*": second?.id });
});

test("every id of a commit is its own", () => {
  const commit = made([
    { op: "create", kind: "finding", set: {} },
    { op: "create", kind: "finding", set: {} },
  ]);
  const ids = [commit.id, ...commit.changes.flatMap(({ id, record }) => [id, record])];
  expect(new Set(ids).size).toBe(5);
  expect(commit).toMatchObject({ space: "qyl", blobs: ["s1"] });
});
