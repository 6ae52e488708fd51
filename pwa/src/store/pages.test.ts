import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Device, KINDS, MORNING, onDisk } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";
import type { Asked, PulledRecord, PullPage } from "./index.ts";

let tablet: Device;

beforeEach(async () => {
  tablet = await Device.start(new FakeServer(KINDS, ["qyl"], () => MORNING));
});
afterEach(() => tablet.kill());

function record(id: string, seq: number, data: object = {}, kind = "finding"): PulledRecord {
  return {
    kind,
    id,
    seq,
    deleted: false,
    data: { unit: "u1", note: id, ...data },
    created_by_change: `c-${id}`,
    last_change: `c-${id}-${seq}`,
    versions: {},
    contested: [],
  };
}

function page(since: number, to: number, records: PulledRecord[], part: Partial<PullPage> = {}): PullPage {
  return { epoch: "e1", since, to, head: to, at: `at${to}`, more: false, records, ...part };
}

const ask = () => tablet.replica.nextQuestion("qyl");
const notes = async () => {
  const records = await tablet.replica.queries.recordsOfKind<{ note: string }>("finding");
  return records.map(({ data }) => data.note).sort();
};
const apply = async (one: PullPage) => tablet.replica.applyPage(await ask(), one);

test("a first pull is shown only when it is complete, and goes on where it broke off", async () => {
  await apply(page(0, 2, [record("a", 1), record("b", 2)], { more: true }));
  expect(await notes()).toEqual([]);
  await tablet.reboot();
  const asked = await ask();
  expect(asked).toMatchObject({ shadow: true, from: { seq: 2, epoch: "e1", at: "at2" } });
  await tablet.replica.applyPage(asked, page(2, 3, [record("c", 3)]));
  expect(await notes()).toEqual(["a", "b", "c"]);
  expect(await tablet.replica.cursors()).toEqual([{ space: "qyl", epoch: "e1", seq: 3, at: "at3" }]);
});

test("cursor and data are one transaction: when the last record cannot be written, neither is there", async () => {
  await apply(page(0, 1, [record("a", 1)]));
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...args) {
    if (this.name === "base" && (args[0] as { id: string }).id === "c")
      throw new DOMException("disk", "DataError");
    return put.apply(this, args);
  });
  await expect(apply(page(1, 3, [record("b", 2), record("c", 3)]))).rejects.toThrow("disk");
  vi.restoreAllMocks();
  expect(await notes()).toEqual(["a"]);
  expect((await ask()).from).toMatchObject({ seq: 1, at: "at1" });
  await apply(page(1, 3, [record("b", 2), record("c", 3)]));
  expect(await notes()).toEqual(["a", "b", "c"]);
});

test("a page whose cursor another tab has moved meanwhile is dropped", async () => {
  await apply(page(0, 1, [record("a", 1)]));
  const first = await ask();
  const second: Asked = await ask();
  expect(await tablet.replica.applyPage(first, page(1, 2, [record("a", 2, { note: "newer" })]))).toBe(
    "applied",
  );
  expect(await tablet.replica.applyPage(second, page(1, 2, [record("a", 2, { note: "older" })]))).toBe(
    "stale",
  );
  expect(await notes()).toEqual(["newer"]);
});

test("a rebuild shows the old state until the new one is complete, and leaves the outbox alone", async () => {
  await apply(page(0, 2, [record("a", 1), record("b", 2)]));
  await tablet.save([{ op: "create", kind: "finding", set: { note: "mine" } }]);
  await tablet.replica.rebuild("qyl");
  await apply(page(0, 1, [record("b", 1)], { epoch: "e2", more: true }));
  expect(await notes()).toEqual(["a", "b", "mine"]);
  await apply(page(1, 2, [record("c", 2)], { epoch: "e2" }));
  expect(await notes()).toEqual(["b", "c", "mine"]);
  expect(await tablet.replica.outbox.unsent()).toBe(1);
});

test("a rebuild that begins again forgets what the first attempt had filled", async () => {
  await tablet.replica.rebuild("qyl");
  await apply(page(0, 1, [record("old", 1)], { more: true }));
  await tablet.replica.rebuild("qyl");
  await apply(page(0, 1, [record("new", 1)]));
  expect(await notes()).toEqual(["new"]);
});

test("after a rebuild nothing of the old state is left on the disk, nor of a space that was forgotten", async () => {
  await apply(page(0, 2, [record("secret", 1), record("b", 2)]));
  await tablet.replica.rebuild("qyl");
  await apply(page(0, 1, [record("b", 1)], { epoch: "e2" }));
  const held = async () => (await onDisk<{ id: string }>(tablet, "base")).map(({ id }) => id);
  expect(await held()).toEqual(["b"]);
  await tablet.replica.rebuild("qyl");
  await apply(page(0, 1, [record("c", 1)], { epoch: "e3", more: true }));
  await tablet.replica.forgetSpaces([]);
  expect(await held()).toEqual([]);
  expect((await ask()).from.seq).toBe(0);
});

test("an own change stays over newer data from the server until it is acknowledged and passed", async () => {
  await apply(page(0, 1, [record("a", 1)]));
  const seen = await tablet.replica.queries.record("a");
  if (seen === null) throw new Error("not shown");
  const commit = tablet.commit([{ op: "patch", seen, set: { note: "mine" } }]);
  await tablet.replica.save(commit);
  await apply(page(1, 2, [record("a", 2, { note: "theirs", class: "GEN" })]));
  expect((await tablet.replica.queries.record("a"))?.data).toMatchObject({ note: "mine", class: "GEN" });

  const change = commit.changes[0]?.id ?? "";
  const result = {
    commit: commit.id,
    status: "applied" as const,
    replayed: false,
    seqs: { [change]: 3 },
    conflicts: [],
  };
  await tablet.replica.outbox.settle({ space: "qyl", epoch: "e1", results: [result] });
  expect(await tablet.replica.queries.record("a")).toMatchObject({ data: { note: "mine" }, pending: false });
  await apply(page(2, 3, [record("a", 3, { note: "settled otherwise" })]));
  expect(await tablet.replica.queries.record("a")).toMatchObject({
    data: { note: "settled otherwise" },
    pending: false,
  });
});

test("an acknowledgement of another epoch does not take a commit out of the overlay", async () => {
  const commit = tablet.commit([{ op: "create", kind: "finding", record: "mine", set: { note: "mine" } }]);
  await tablet.replica.save(commit);
  const seqs = { [commit.changes[0]?.id ?? ""]: 3 };
  const result = { commit: commit.id, status: "applied" as const, replayed: false, seqs, conflicts: [] };
  await tablet.replica.outbox.settle({ space: "qyl", epoch: "before the restore", results: [result] });
  await apply(page(0, 5, [record("a", 5)]));
  expect(await notes()).toEqual(["a", "mine"]);
});

test("an answer that comes after the pull takes the commit out of the overlay at once", async () => {
  const commit = tablet.commit([{ op: "create", kind: "finding", record: "mine", set: { note: "mine" } }]);
  await tablet.replica.save(commit);
  await apply(page(0, 5, [record("mine", 5, { note: "as merged" })]));
  expect((await tablet.replica.queries.record("mine"))?.data).toMatchObject({ note: "mine" });
  const change = commit.changes[0]?.id ?? "";
  const result = {
    commit: commit.id,
    status: "merged" as const,
    replayed: true,
    seqs: { [change]: 4 },
    conflicts: [],
  };
  await tablet.replica.outbox.settle({ space: "qyl", epoch: "e1", results: [result] });
  expect(await tablet.replica.queries.record("mine")).toMatchObject({
    data: { note: "as merged" },
    pending: false,
  });
});

test("a record deleted on the server is gone here, and comes back when it is there again", async () => {
  await apply(page(0, 1, [record("a", 1)]));
  await apply(page(1, 2, [{ ...record("a", 2), deleted: true, data: {} }]));
  expect(await notes()).toEqual([]);
  expect(await tablet.replica.queries.record("a")).toBeNull();
  await apply(page(2, 3, [record("a", 3)]));
  expect(await notes()).toEqual(["a"]);
});

test("a space that may no longer be read is forgotten; what was made here and not sent stays", async () => {
  await apply(page(0, 1, [record("a", 1)]));
  await tablet.save([{ op: "create", kind: "finding", set: { note: "mine" } }]);
  expect(await tablet.replica.forgetSpaces(["qyl"])).toEqual([]);
  expect(await tablet.replica.forgetSpaces(["hq"])).toEqual(["qyl"]);
  expect(await notes()).toEqual(["mine"]);
  expect(await tablet.replica.outbox.unsent()).toBe(1);
  expect(await tablet.replica.cursors()).toEqual([]);
});

test("an empty pull at the cursor writes nothing", async () => {
  await apply(page(0, 1, [record("a", 1)]));
  const asked = await ask();
  const put = vi.spyOn(IDBObjectStore.prototype, "put");
  expect(await tablet.replica.applyPage(asked, page(1, 1, []))).toBe("applied");
  expect(put).not.toHaveBeenCalled();
});

test("the checksum follows what the server last said, not what is unsent here", async () => {
  await apply(page(0, 2, [record("a", 1), record("b", 2)]));
  const before = await tablet.replica.checksum("qyl");
  await tablet.save([{ op: "create", kind: "finding", set: { note: "mine" } }]);
  expect(await tablet.replica.checksum("qyl")).toEqual(before);
  await apply(page(2, 3, [record("b", 3)]));
  expect(await tablet.replica.checksum("qyl")).not.toEqual(before);
});
