import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Device, jpeg, KINDS, MORNING } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";
import { StorageFull } from "./index.ts";
import { RESERVE } from "./room.ts";

const CHECK = { op: "create" as const, kind: "area_check", set: { unit: "u1" } };
let tablet: Device;
/** Bytes that the disk still takes; writes beyond it fail as a browser's do, and deletions give room. */
let free: number;
const estimate = { usage: 0, quota: 10 * RESERVE };

beforeEach(async () => {
  free = Number.POSITIVE_INFINITY;
  estimate.usage = 0;
  const storage = {
    estimate: () => Promise.resolve({ ...estimate }),
    persisted: () => Promise.resolve(true),
  };
  tablet = await Device.start(new FakeServer(KINDS, ["qyl"], () => MORNING), { storage });
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...args) {
    const request = put.apply(this, args);
    const size = weight(args[0]);
    if (size > free) {
      const { transaction } = this;
      Object.defineProperty(transaction, "error", { value: new DOMException("full", "QuotaExceededError") });
      transaction.abort();
    } else {
      free -= size;
    }
    return request;
  });
  const clear = IDBObjectStore.prototype.clear;
  vi.spyOn(IDBObjectStore.prototype, "clear").mockImplementation(function (this: IDBObjectStore) {
    if (this.name === "ballast") free += 4 * 1024;
    return clear.apply(this);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  tablet.kill();
});

function weight(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce((sum: number, part) => sum + weight(part), 0);
}

test("on a full disk a save gives up the ballast and is kept; photos are refused from then on", async () => {
  expect(await tablet.replica.room.layBallast()).toBe(true);
  expect((await tablet.replica.room.facts()).camera).toBe(true);
  free = 100;
  await tablet.save([CHECK]);
  expect(await tablet.replica.outbox.unsent()).toBe(1);
  expect((await tablet.replica.room.facts()).camera).toBe(false);
});

test("when nothing helps the save fails as a whole, says so, and nothing that was saved is lost", async () => {
  await tablet.save([CHECK]);
  const draft = tablet.uuid();
  await tablet.replica.drafts.put({ id: draft, kind: "check", data: { item: 1 }, blobs: [] });
  free = 10;
  const commit = tablet.commit([CHECK]);
  await expect(tablet.replica.save(commit, draft)).rejects.toBeInstanceOf(StorageFull);
  await tablet.reboot();
  expect((await tablet.replica.outbox.list(["pending"])).map(({ n }) => n)).toEqual([1]);
  expect(await tablet.replica.queries.recordsOfKind("area_check")).toHaveLength(1);
  expect(await tablet.replica.drafts.get(draft)).not.toBeNull();
  free = 10_000;
  expect((await tablet.replica.save(commit, draft)).n).toBe(2);
  expect(await tablet.replica.drafts.get(draft)).toBeNull();
});

test("a photo that does not fit is refused and leaves the ballast for the checks", async () => {
  await tablet.replica.room.layBallast();
  free = 3;
  await expect(tablet.replica.blobs.put(jpeg("too much"))).rejects.toBeInstanceOf(StorageFull);
  expect(await tablet.replica.blobs.list()).toEqual([]);
  expect((await tablet.replica.room.facts()).camera).toBe(true);
  await tablet.save([CHECK]);
});

test("the ballast comes back, and with it the camera, once there is room", async () => {
  await tablet.replica.room.layBallast();
  free = 100;
  await tablet.save([CHECK]);
  estimate.usage = estimate.quota - 10;
  expect(await tablet.replica.room.layBallast()).toBe(false);
  expect((await tablet.replica.room.facts()).camera).toBe(false);
  estimate.usage = 0;
  free = Number.POSITIVE_INFINITY;
  expect(await tablet.replica.room.layBallast()).toBe(true);
  expect((await tablet.replica.room.facts()).camera).toBe(true);
});

test("below the reserve the camera is refused before the photo is taken", async () => {
  await tablet.replica.room.layBallast();
  estimate.usage = estimate.quota - RESERVE + 1;
  expect(await tablet.replica.room.facts()).toMatchObject({
    camera: false,
    persistent: true,
    quota: estimate.quota,
  });
});
