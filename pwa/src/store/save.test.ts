import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Device, jpeg, KINDS, MORNING } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";
import { CommitTooLarge, type StoreFailure } from "./index.ts";

let server: FakeServer;
let tablet: Device;

beforeEach(async () => {
  server = new FakeServer(KINDS, ["qyl"], () => MORNING);
  tablet = await Device.start(server);
});
afterEach(() => tablet.kill());

const CHECK = { unit: "u1", result: "conform", business_date: "2026-11-23" };

test("a save is on the disk when it resolves: killed and reopened, the commit and its record are there", async () => {
  const record = tablet.uuid();
  const { sha256 } = await tablet.replica.blobs.put(jpeg("one"));
  const saved = await tablet.save([{ op: "create", kind: "area_check", record, set: CHECK }], [sha256]);
  await tablet.reboot();

  const [entry] = await tablet.replica.outbox.list(["pending"]);
  expect(entry).toMatchObject({ id: saved.commit, n: 1, space: "qyl", state: "pending" });
  expect(entry?.commit.format).toBe(1);
  expect(await tablet.replica.queries.record(record)).toMatchObject({ data: CHECK, pending: true, seq: 0 });
  expect((await tablet.replica.blobs.info(sha256))?.commits).toEqual([saved.commit]);
  expect(await (await tablet.replica.blobs.bytes(sha256))?.text()).toBe("jpeg one");
});

test("a save is one strict transaction over outbox, view and blobs", async () => {
  const begun = vi.spyOn(IDBDatabaseOf(tablet), "transaction");
  await tablet.save([{ op: "create", kind: "area_check", set: CHECK }]);
  const writes = begun.mock.calls.filter(([, mode]) => mode === "readwrite");
  expect(writes).toHaveLength(1);
  expect(writes[0]?.[0]).toEqual(expect.arrayContaining(["outbox", "view", "blobs", "meta"]));
  expect(writes[0]?.[2]).toEqual({ durability: "strict" });
});

test("numbers count without holes, also when two saves run at once, and go on after a restart", async () => {
  const create = () => tablet.save([{ op: "create", kind: "area_check", set: CHECK }]);
  const numbers = (await Promise.all([create(), create(), create()])).map(({ n }) => n);
  await tablet.reboot();
  numbers.push((await create()).n);
  expect(numbers.sort()).toEqual([1, 2, 3, 4]);
});

test("the same commit saved twice is one commit", async () => {
  const commit = tablet.commit([{ op: "create", kind: "area_check", set: CHECK }]);
  const first = await tablet.replica.save(commit);
  expect(await tablet.replica.save(commit)).toEqual(first);
  expect(await tablet.replica.outbox.unsent()).toBe(1);
});

test("a save that refers to bytes that are not here writes nothing", async () => {
  const failed = tablet.save([{ op: "create", kind: "area_check", set: CHECK }], ["ab".repeat(32)]);
  await expect(failed).rejects.toMatchObject({ code: "blob_missing" } satisfies Partial<StoreFailure>);
  expect(await tablet.replica.outbox.unsent()).toBe(0);
  expect(await tablet.replica.queries.recordsOfKind("area_check")).toEqual([]);
  expect((await tablet.save([{ op: "create", kind: "area_check", set: CHECK }])).n).toBe(1);
});

test("200 changes fit, 201 do not; 256 KB are counted in bytes, not characters", async () => {
  const many = (count: number) =>
    Array.from({ length: count }, () => ({ op: "create" as const, kind: "area_check", set: CHECK }));
  await tablet.save(many(200));
  await expect(tablet.save(many(201))).rejects.toBeInstanceOf(CommitTooLarge);
  const note = (characters: number) => ({
    op: "create" as const,
    kind: "finding",
    set: { note: "裂".repeat(characters) },
  });
  await tablet.save([note(85_000)]);
  await expect(tablet.save([note(90_000)])).rejects.toMatchObject({ code: "commit_too_large", changes: 1 });
  expect(await tablet.replica.outbox.unsent()).toBe(2);
});

test("the next edit names the own pending change as its base", async () => {
  const record = tablet.uuid();
  await tablet.save([{ op: "create", kind: "finding", record, set: { note: "裂缝", class: "MIN" } }]);
  const seen = await tablet.replica.queries.record(record);
  if (seen === null) throw new Error("the finding is not shown");
  await tablet.save([{ op: "patch", seen, set: { note: "裂缝两处" } }]);
  const again = await tablet.replica.queries.record(record);
  const [first, second] = await tablet.replica.outbox.list(["pending"]);
  const created = first?.commit.changes[0]?.id;
  const patched = second?.commit.changes[0];
  expect(patched?.base).toEqual({ note: created });
  expect(again?.versions).toEqual({ note: patched?.id });
  expect(again?.data).toEqual({ note: "裂缝两处", class: "MIN" });
});

test("a deleted record is no longer shown, and stays so after a restart", async () => {
  const record = tablet.uuid();
  await tablet.save([{ op: "create", kind: "finding", record, set: { note: "x", unit: "u1" } }]);
  const seen = await tablet.replica.queries.record(record);
  if (seen === null) throw new Error("the finding is not shown");
  await tablet.save([{ op: "delete", seen }]);
  await tablet.reboot();
  expect(await tablet.replica.queries.record(record)).toBeNull();
  expect(await tablet.replica.queries.recordsOfKind("finding")).toEqual([]);
  expect(await tablet.replica.queries.byUnit("finding", "u1")).toEqual([]);
});

function IDBDatabaseOf(device: Device): IDBDatabase {
  const core = (device.replica as unknown as { core: { database: { connection: IDBDatabase } } }).core;
  return core.database.connection;
}
