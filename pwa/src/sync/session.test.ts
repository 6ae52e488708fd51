import { beforeEach, expect, test } from "vitest";
import { Device, KINDS, MORNING } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";
import { DeviceKey } from "./device-key.ts";

let server: FakeServer;
let tablet: Device;

beforeEach(async () => {
  server = new FakeServer(KINDS, ["hq", "qyl"], () => MORNING);
  tablet = await Device.start(server);
});

test("a sign-in is complete with spaces and roles, and survives a restart without network", async () => {
  server.faults = Array.from({ length: 50 }, () => "drop" as const);
  await tablet.reboot();
  const session = tablet.session.current.value;
  expect(session?.user).toEqual({ id: tablet.user, username: "t07", name: "何桂兰" });
  expect(session?.spaces.map(({ space, type }) => [space, type])).toEqual([
    ["hq", "project"],
    ["qyl", "project"],
  ]);
  expect(session?.roles).toEqual({ hq: ["team_lead"], qyl: ["team_lead"] });
  tablet.kill();
});

test("a wrong password signs nobody in and leaves who was signed in", async () => {
  const before = tablet.session.current.value;
  expect(await tablet.session.signIn(tablet.user, "wrong", "tablet")).toEqual({ kind: "wrong" });
  expect(tablet.session.current.value).toEqual(before);
  tablet.kill();
});

test("without network a sign-in says so", async () => {
  server.faults = ["drop"];
  expect(await tablet.session.signIn(tablet.user, "demo", "tablet")).toEqual({
    kind: "offline",
    cause: "network",
  });
  tablet.kill();
});

test("signing out without network is made up for before the next sign-in; what is unsent stays", async () => {
  await tablet.save([{ op: "create", kind: "area_check", set: { unit: "u1" } }]);
  server.faults = ["drop"];
  await tablet.session.signOut();
  expect(tablet.session.current.value).toBeNull();
  expect(server.signedIn).not.toBeNull();
  expect(await tablet.replica.outbox.unsent()).toBe(1);
  server.asked.length = 0;
  await tablet.session.signIn(tablet.user, "demo", "tablet");
  expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
    "DELETE /session",
    "POST /session",
    "GET /sync/scope",
  ]);
  tablet.kill();
});

test("signing out in one tab signs the other tabs out", async () => {
  const { Session } = await import("./session.ts");
  const { DeviceStore } = await import("../store/index.ts");
  const other = await Session.open(tablet.transport, new DeviceStore(tablet.disk), tablet.uuid);
  expect(other.current.value?.user.id).toBe(tablet.user);
  const told = new Promise((resolve) => {
    other.current.subscribe((session) => {
      if (session === null) resolve(null);
    });
  });
  await tablet.session.signOut();
  await told;
  other.close();
  tablet.kill();
});

test("the device keeps its id over sign-outs and restarts", async () => {
  const first = tablet.session.current.value?.device;
  await tablet.session.signOut();
  await tablet.reboot();
  await tablet.session.signIn(tablet.user, "demo", "tablet");
  expect(tablet.session.current.value?.device).toBe(first);
  tablet.kill();
});

test("a device whose key got lost becomes a new device, once, and keeps what is unsent", async () => {
  const before = tablet.session.current.value?.device;
  await tablet.save([{ op: "create", kind: "area_check", set: { unit: "u1" } }]);
  await new DeviceKey(tablet.session.store).forget();
  server.asked.length = 0;
  expect((await tablet.session.signIn(tablet.user, "demo", "tablet")).kind).toBe("ok");
  const asked = server.asked.filter(({ path, method }) => method === "POST" && path === "/session");
  const devices = asked.map(({ body }) => (body as { device: { id: string; public_key: object } }).device);
  expect(devices).toHaveLength(2);
  expect(devices[0]?.id).toBe(before);
  expect(devices[1]?.id).not.toBe(before);
  expect(tablet.session.current.value?.device).toBe(devices[1]?.id);
  // What the new device is registered with is what it signs with from now on.
  expect(devices[1]?.public_key).toEqual(await new DeviceKey(tablet.session.store).publicKey());
  expect(await tablet.replica.outbox.unsent()).toBe(1);
  await tablet.sync.syncNow();
  expect(await tablet.replica.outbox.unsent()).toBe(0);
  server.asked.length = 0;
  await tablet.session.signIn(tablet.user, "demo", "tablet");
  expect(server.asked.filter(({ path, method }) => method === "POST" && path === "/session")).toHaveLength(1);
  expect(tablet.session.current.value?.device).toBe(devices[1]?.id);
  tablet.kill();
});

test("a server that refuses the new device too is not asked for ever, and nobody is signed in anew", async () => {
  const before = tablet.session.current.value;
  const fixed = { status: 409, body: { code: "device_key_fixed" } };
  server.faults = [fixed, fixed];
  const outcome = await tablet.session.signIn(tablet.user, "demo", "tablet");
  expect(outcome).toMatchObject({ kind: "refused", status: 409, problem: { code: "device_key_fixed" } });
  expect(tablet.session.current.value).toEqual(before);
  tablet.kill();
});
