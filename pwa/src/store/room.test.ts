import { IDBDatabase, IDBFactory } from "fake-indexeddb";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Device, jpeg, KINDS, MORNING } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";
import { Database } from "./idb.ts";
import { type Disk, type Standing, StorageFull } from "./index.ts";
import { RESERVE } from "./room.ts";
import { upgrade, VERSION } from "./schema.ts";

const CHECK = { op: "create" as const, kind: "area_check", set: { unit: "u1" } };

/** A disk whose ballast is two pieces; each that `give` parts with lasts until the disk is filled up once more. */
class SmallDisk implements Disk {
  pieces = 2;
  asked: string[] = [];
  private state: "roomy" | "full" | "piece free" = "roomy";

  fill(): void {
    this.state = "full";
  }

  clear(): void {
    this.state = "roomy";
  }

  async ask(what: "give" | "keep"): Promise<Standing> {
    this.asked.push(what);
    if (what === "keep" && this.state === "roomy") this.pieces = 2;
    if (what === "give" && this.state === "full" && this.pieces > 0) {
      this.pieces -= 1;
      this.state = "piece free";
    }
    const fits = what === "give" ? this.state !== "full" : this.state === "roomy";
    return { fits, whole: this.pieces === 2 };
  }
}

let server: FakeServer;
let disk: SmallDisk;
let tablet: Device;
const estimate = { usage: 0, quota: 10 * RESERVE };

beforeEach(async () => {
  estimate.usage = 0;
  const storage = {
    estimate: () => Promise.resolve({ ...estimate }),
    persisted: () => Promise.resolve(true),
  };
  disk = new SmallDisk();
  server = new FakeServer(KINDS, ["qyl"], () => MORNING);
  tablet = await Device.start(server, { storage, disk });
});
afterEach(() => {
  vi.restoreAllMocks();
  tablet.kill();
});

/** For every transaction that writes, how often the disk was asked since the one before. */
function watchWrites(): number[] {
  const writes: number[] = [];
  const begin = IDBDatabase.prototype.transaction;
  vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementation(function (this: IDBDatabase, ...args) {
    if (args[1] === "readwrite") writes.push(disk.asked.splice(0).length);
    return begin.apply(this, args);
  });
  return writes;
}

test("on a full disk a save gives up ballast and is kept; photos are refused from then on", async () => {
  expect((await tablet.replica.room.facts()).camera).toBe(true);
  const told = vi.fn();
  tablet.replica.subscribe(told);
  disk.fill();
  await tablet.save([CHECK]);
  expect(await tablet.replica.outbox.unsent()).toBe(1);
  expect(told).toHaveBeenCalledWith(expect.objectContaining({ meta: true, saved: false }));
  expect((await tablet.replica.room.facts()).camera).toBe(false);
  expect(await tablet.replica.room.camera()).toBe(false);
});

test("the disk is asked before every write: afterwards the browser has deleted everything", async () => {
  const writes = watchWrites();
  disk.asked = [];
  await tablet.replica.drafts.put({ id: tablet.uuid(), kind: "check", data: {}, blobs: [] });
  await tablet.replica.blobs.put(jpeg("one"));
  await tablet.save([CHECK]);
  await tablet.sync.syncNow();
  expect(await tablet.replica.outbox.unsent()).toBe(0);
  expect(writes.length).toBeGreaterThan(4);
  expect(Math.min(...writes)).toBe(1);
});

test("where no ballast is left nothing is written at all; what was saved and the draft are there", async () => {
  await tablet.save([CHECK]);
  const draft = tablet.uuid();
  await tablet.replica.drafts.put({ id: draft, kind: "check", data: { item: 1 }, blobs: [] });
  disk.fill();
  disk.pieces = 0;
  const writes = watchWrites();
  const commit = tablet.commit([CHECK]);
  await expect(tablet.replica.save(commit, draft)).rejects.toBeInstanceOf(StorageFull);
  await expect(tablet.replica.setFact("clock", {})).rejects.toBeInstanceOf(StorageFull);
  expect(writes).toEqual([]);
  await tablet.reboot();
  expect((await tablet.replica.outbox.list(["pending"])).map(({ n }) => n)).toEqual([1]);
  expect(await tablet.replica.queries.recordsOfKind("area_check")).toHaveLength(1);
  expect(await tablet.replica.drafts.get(draft)).not.toBeNull();
  disk.clear();
  expect((await tablet.replica.save(commit, draft)).n).toBe(2);
  expect(await tablet.replica.drafts.get(draft)).toBeNull();
});

test("a photo that does not fit is refused and leaves the ballast for the checks", async () => {
  disk.fill();
  await expect(tablet.replica.blobs.put(jpeg("too much"))).rejects.toBeInstanceOf(StorageFull);
  expect(await tablet.replica.blobs.list()).toEqual([]);
  expect(disk.pieces).toBe(2);
  await tablet.save([CHECK]);
});

test("a quota that is used up fails the save as a full disk does", async () => {
  const put = IDBObjectStore.prototype.put;
  vi.spyOn(IDBObjectStore.prototype, "put").mockImplementation(function (this: IDBObjectStore, ...args) {
    const request = put.apply(this, args);
    Object.defineProperty(this.transaction, "error", { value: new DOMException("", "QuotaExceededError") });
    this.transaction.abort();
    return request;
  });
  await expect(tablet.save([CHECK])).rejects.toBeInstanceOf(StorageFull);
});

test("the ballast comes back, and with it the camera, once there is room", async () => {
  disk.fill();
  await tablet.save([CHECK]);
  expect(await tablet.replica.room.layBallast()).toBe(false);
  disk.clear();
  expect(await tablet.replica.room.layBallast()).toBe(true);
  expect((await tablet.replica.room.facts()).camera).toBe(true);
});

test("on a full disk checks go up all the same; what is new at the server waits, and the status says why", async () => {
  await tablet.sync.syncNow();
  await tablet.save([CHECK]);
  disk.fill();
  await tablet.sync.syncNow();
  expect(tablet.sync.status.value).toMatchObject({ phase: "paused", reason: "storage_full" });
  expect(await tablet.replica.outbox.unsent()).toBe(0);
  disk.clear();
  await tablet.sync.syncNow();
  expect(tablet.sync.status.value).toMatchObject({ phase: "idle", reason: null });
});

test("with neither ballast nor network the sync says that it is offline, and complains of nothing", async () => {
  const complaints = vi.spyOn(console, "error");
  await tablet.save([CHECK]);
  disk.fill();
  disk.pieces = 0;
  server.faults.push("drop");
  await tablet.sync.syncNow();
  expect(tablet.sync.status.value).toMatchObject({ phase: "offline", reason: null });
  expect(complaints).not.toHaveBeenCalled();
  expect(await tablet.replica.outbox.unsent()).toBe(1);
});

test("below the reserve the camera is refused before the photo is taken", async () => {
  estimate.usage = estimate.quota - RESERVE + 1;
  expect(await tablet.replica.room.camera()).toBe(false);
  expect(await tablet.replica.room.facts()).toMatchObject({
    camera: false,
    persistent: true,
    quota: estimate.quota,
  });
});

test("a database of form 1 comes along without its ballast, and loses nothing else", async () => {
  const factory = new IDBFactory();
  const old = new Database(
    "old",
    1,
    (database) => {
      upgrade(database, 0);
      database.createObjectStore("ballast");
    },
    factory,
  );
  await old.run(["meta"], "write", (tx) => tx.put("meta", 7, "next_n"));
  old.close();
  const now = new Database("old", VERSION, upgrade, factory);
  expect(await now.run(["meta"], "read", (tx) => tx.get("meta", "next_n"))).toBe(7);
  await expect(now.run(["ballast"], "read", () => 1)).rejects.toMatchObject({ name: "NotFoundError" });
  now.close();
});
