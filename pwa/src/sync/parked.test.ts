import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Device, KINDS, MORNING } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";
import type { Commit } from "../store/index.ts";

/** What becomes of work that the server keeps without taking it in. */

let server: FakeServer;
let tablet: Device;

beforeEach(async () => {
  server = new FakeServer(KINDS, ["qyl"], () => MORNING);
  tablet = await Device.start(server);
  server.now = () => tablet.clocks.wall();
});
afterEach(() => tablet.kill());

const check = (unit: string, record?: string) => ({
  op: "create" as const,
  kind: "area_check",
  ...(record === undefined ? {} : { record }),
  set: { unit, result: "conform" },
});
const unitOf = (commit: Commit) => commit.changes[0]?.set?.unit;
const listParked = () => tablet.replica.outbox.list(["parked"]);

test("a parked commit is shown with its reason, delays nobody, and is settled once its cause is gone", async () => {
  server.judge = (commit) =>
    unitOf(commit) === "gone" ? { code: "not_found", detail: { unit: "gone" } } : null;
  await tablet.save([check("gone", "r1")]);
  await tablet.save([check("u2", "r2")]);
  await tablet.sync.syncNow();
  const [parked] =
    tablet.sync.status.value.parked.length > 0 ? tablet.sync.status.value.parked : await listParked();
  expect(parked).toMatchObject({ n: 1, state: "parked", result: { reason: { code: "not_found" } } });
  expect(await tablet.replica.queries.record("r1")).toMatchObject({ parked: true });
  expect(await tablet.replica.queries.record("r2")).toMatchObject({ parked: false, seq: 1 });
  expect(await tablet.replica.outbox.unsent()).toBe(0);

  server.judge = () => null;
  tablet.clocks.pass(6 * 60_000);
  await tablet.sync.syncNow();
  expect(await listParked()).toEqual([]);
  expect(server.record("qyl", "r1")).toBeDefined();
});

test("a restored server gets back also what it had given up, for later work may name it", async () => {
  const restore = server.backup();
  server.judge = () => ({ code: "not_found" });
  const { commit } = await tablet.save([check("gone", "r1")]);
  await tablet.sync.syncNow();
  const waiting = server.space("qyl").parked.get(commit);
  if (waiting === undefined) throw new Error("not parked");
  waiting.discarded = true;
  await tablet.sync.syncNow();
  restore();
  expect(server.space("qyl").parked.has(commit)).toBe(false);
  await tablet.sync.syncNow();
  expect(server.space("qyl").parked.get(commit)?.discarded).toBe(false);
  expect((await listParked()).map(({ id }) => id)).toEqual([commit]);
});

test("a parked commit that the office gave up leaves the view and stays listed until it was read", async () => {
  server.judge = () => ({ code: "not_found" });
  const { commit } = await tablet.save([check("gone", "r1")]);
  await tablet.sync.syncNow();
  const waiting = server.space("qyl").parked.get(commit);
  if (waiting === undefined) throw new Error("not parked");
  await tablet.sync.syncNow();
  expect(await tablet.replica.queries.record("r1")).not.toBeNull();
  // The next contact asks what is no longer listed, however soon it comes.
  waiting.discarded = true;
  await tablet.sync.syncNow();
  expect(await tablet.replica.queries.record("r1")).toBeNull();
  expect((await listParked()).map(({ id }) => id)).toEqual([commit]);
  expect(await tablet.replica.outbox.dismiss(commit)).toBe(true);
  expect(await listParked()).toEqual([]);
});

test("a parked commit that was taken in after all is told until it was read, also over a restart", async () => {
  server.judge = () => ({ code: "forbidden" });
  const { commit } = await tablet.save([check("u1", "r1")]);
  await tablet.save([check("u2", "r2")]);
  await tablet.sync.syncNow();
  expect(await tablet.replica.outbox.healed()).toEqual([]);
  // The office gave the right and had it judged anew.
  server.judge = ({ n }) => (n === 1 ? null : { code: "forbidden" });
  tablet.clocks.pass(6 * 60_000);
  server.backedUp = 100;
  await tablet.sync.syncNow();
  await tablet.reboot();
  await tablet.sync.syncNow();
  const told = await tablet.replica.outbox.healed();
  expect(told).toMatchObject([{ id: commit, state: "acknowledged", result: { status: "applied" } }]);
  await vi.waitFor(() => expect(tablet.sync.status.value.healed).toEqual(told));
  expect((await listParked()).map(({ n }) => n)).toEqual([2]);
  expect(await tablet.replica.outbox.dismiss(commit)).toBe(true);
  expect(await tablet.replica.outbox.healed()).toEqual([]);
  expect(await tablet.replica.outbox.dismiss(commit)).toBe(false);
  // Read news no longer keep what a backup of the server has.
  await tablet.replica.outbox.prune();
  expect(await tablet.replica.outbox.list(["acknowledged"])).toEqual([]);
});

test("a commit that only waited for an earlier one is taken in without a word", async () => {
  server.judge = ({ n }) => (n === 1 ? { code: "forbidden" } : { code: "waiting" });
  await tablet.save([check("u1", "r1")]);
  await tablet.save([check("u2", "r2")]);
  await tablet.sync.syncNow();
  server.judge = () => null;
  tablet.clocks.pass(6 * 60_000);
  await tablet.sync.syncNow();
  expect((await tablet.replica.outbox.healed()).map(({ n }) => n)).toEqual([1]);
});

test("a parked commit that is still wanted cannot be dismissed", async () => {
  server.judge = () => ({ code: "not_found" });
  const { commit } = await tablet.save([check("gone")]);
  await tablet.sync.syncNow();
  expect(await tablet.replica.outbox.dismiss(commit)).toBe(false);
  expect(await listParked()).toHaveLength(1);
});

test("a parked commit goes up again to a server that was restored to before it, and is told when it is taken in", async () => {
  const restore = server.backup();
  server.judge = () => ({ code: "forbidden" });
  const { commit } = await tablet.save([check("u1", "r1")]);
  await tablet.sync.syncNow();
  restore();
  expect(server.space("qyl").parked.has(commit)).toBe(false);
  await tablet.sync.syncNow();
  expect(server.space("qyl").parked.has(commit)).toBe(true);
  expect((await listParked()).map(({ id }) => id)).toEqual([commit]);

  // Taken in now, it is told as ever.
  restore();
  server.judge = () => null;
  await tablet.sync.syncNow();
  expect((await tablet.replica.outbox.healed()).map(({ id }) => id)).toEqual([commit]);
});
