import { afterEach, beforeEach, expect, test } from "vitest";
import { Device, KINDS, MORNING } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";
import { emptySpace } from "../../tests/kit/space.ts";

/** A restored server gets back everything that a tablet still holds (I14), whatever became of the tablet meanwhile. */

let server: FakeServer;
let tablet: Device;

beforeEach(async () => {
  server = new FakeServer(KINDS, ["qyl"], () => MORNING);
  tablet = await Device.start(server);
  server.now = () => tablet.clocks.wall();
});
afterEach(() => tablet.kill());

const run = () => tablet.sync.syncNow();
const finding = () =>
  tablet.save([{ op: "create", kind: "finding", record: "r1", set: { note: "acknowledged" } }]);

test("a shut out tablet hands in again what a restore took from the server, before it wipes itself", async () => {
  const restore = server.backup();
  await finding();
  await run();
  restore();
  server.wipe = "later";
  await run();
  expect(server.record("qyl", "r1")?.data.note).toBe("acknowledged");
  const left = (await tablet.disk.databases()).map(({ name }) => name);
  expect(left).not.toContain(tablet.replica.name);
});

test("a restored server gets back what is of a space that may no longer be read", async () => {
  const restore = server.backup();
  await finding();
  await run();
  restore();
  server.spaces.set("hq", emptySpace("e1"));
  server.reads = ["hq"];
  await run();
  expect(server.record("qyl", "r1")?.data.note).toBe("acknowledged");
  expect(await tablet.replica.outbox.unsent()).toBe(0);
  server.asked.length = 0;
  await run();
  const pushed = server.asked.filter(({ path }) => path === "/sync/qyl/push");
  expect(pushed.map(({ body }) => (body as { commits: unknown[] }).commits)).toEqual([[]]);
});
