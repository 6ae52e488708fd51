import { afterEach, beforeEach, expect, test } from "vitest";
import { Device, KINDS, MORNING } from "../../tests/kit/device.ts";
import { type Asked, FakeServer } from "../../tests/kit/server.ts";
import type { Commit } from "../store/index.ts";

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
const pushes = () =>
  server.asked.filter(({ path }) => path.endsWith("/push")).map(({ body }) => body as Envelope);
const full = () => pushes().filter(({ commits }) => commits.length > 0);
const unitOf = (commit: Commit) => commit.changes[0]?.set?.unit;

interface Envelope {
  unsent: number;
  device: string;
  user: string;
  protocol: number;
  device_time: string;
  commits: Commit[];
}

test("what was saved goes up in order, and the server's word comes back into the view", async () => {
  await tablet.save([check("u1", "r1")]);
  await tablet.save([check("u2")]);
  await tablet.sync.syncNow();
  const [push] = full();
  expect(push).toMatchObject({
    user: tablet.user,
    protocol: 1,
    unsent: 2,
    device_time: "2026-11-23T09:00:00+08:00",
  });
  expect(push?.commits.map(({ n }) => n)).toEqual([1, 2]);
  expect(push?.commits[0]).toMatchObject({
    made_at: "2026-11-23T09:00:00+08:00",
    clock: { offset: 0, jumped: false },
  });
  expect(await tablet.replica.outbox.unsent()).toBe(0);
  expect(await tablet.replica.queries.record("r1")).toMatchObject({ seq: 1, pending: false });
  expect(pushes().at(-1)).toMatchObject({ unsent: 0, commits: [] });
});

test("the true number follows every check, also one saved later in the same session", async () => {
  await tablet.save([check("u1")]);
  await tablet.sync.syncNow();
  await tablet.save([check("u2")]);
  await tablet.sync.syncNow();
  expect(full().at(-1)).toMatchObject({ unsent: 1 });
  expect(pushes().at(-1)).toMatchObject({ unsent: 0, commits: [] });
  const said = pushes().length;
  await tablet.sync.syncNow();
  expect(pushes().length).toBe(said);
});

test("the oldest unsent thing counts, be it a commit or a photo whose commit is already there", async () => {
  const { sha256 } = await tablet.replica.blobs.put(new Blob(["photo"]));
  await tablet.save([{ op: "create", kind: "photo", set: { sha256 } }], [sha256]);
  tablet.clocks.pass(3_600_000);
  await tablet.save([check("u1")]);
  const oldest = async () => Date.parse((await tablet.replica.outbox.backlog()).oldest ?? "");
  expect(await oldest()).toBe(MORNING);
  await tablet.sync.syncNow();
  await settled(async () => (await tablet.replica.blobs.info(sha256))?.state === "held");
  expect((await tablet.replica.outbox.backlog()).oldest).toBeNull();
});

test("a lost answer: the same commit goes up again, unchanged, and is there once", async () => {
  await tablet.save([check("u1")]);
  server.faults = ["lose"];
  await tablet.sync.syncNow();
  expect(await tablet.replica.outbox.unsent()).toBe(1);
  expect(tablet.sync.status.value).toMatchObject({ phase: "offline", backlog: { commits: 1 } });
  await tablet.reboot();
  await tablet.sync.syncNow();
  const [first, second] = full();
  expect(JSON.stringify(second?.commits)).toBe(JSON.stringify(first?.commits));
  expect(server.space("qyl").head).toBe(1);
  expect(await tablet.replica.outbox.unsent()).toBe(0);
});

test.each([400, 413, 500])(
  "a commit that spoils every request with %i is set aside, the others go through",
  async (status) => {
    const spoilt = (commits: Commit[]) => commits.some((commit) => unitOf(commit) === "bad");
    server.spoils = (commits) => (spoilt(commits) ? { status, body: { code: "unreadable" } } : "ok");
    for (const unit of ["u1", "u2", "bad", "u4", "u5", "u6", "u7"])
      await tablet.save([check(unit, `r-${unit}`)]);
    await tablet.sync.syncNow();
    expect([...server.space("qyl").records.keys()].sort()).toEqual(
      ["u1", "u2", "u4", "u5", "u6", "u7"].map((u) => `r-${u}`),
    );
    const [aside] = await tablet.replica.outbox.list(["aside"]);
    expect(aside).toMatchObject({ n: 3, result: { reason: { code: "unreadable" } } });
    expect(await tablet.replica.outbox.unsent()).toBe(1);
    expect(await tablet.replica.queries.record("r-bad")).toMatchObject({ pending: true });

    server.spoils = () => "ok";
    tablet.clocks.pass(6 * 60_000);
    await tablet.sync.syncNow();
    expect(await tablet.replica.outbox.unsent()).toBe(0);
    expect(server.record("qyl", "r-bad")).toBeDefined();
  },
);

test("a server that is broken as a whole sets nothing aside", async () => {
  server.spoils = () => ({ status: 500 });
  for (const unit of ["u1", "u2", "u3"]) await tablet.save([check(unit)]);
  await tablet.sync.syncNow();
  expect(await tablet.replica.outbox.list(["aside"])).toEqual([]);
  expect(tablet.sync.status.value).toMatchObject({ phase: "offline", reason: "server_error" });
  server.spoils = () => "ok";
  await tablet.sync.syncNow();
  expect(await tablet.replica.outbox.unsent()).toBe(0);
});

test("batches hold at most 100 commits and one megabyte", async () => {
  tablet.online = false;
  for (let i = 0; i < 101; i++) await tablet.save([check(`u${i}`)]);
  await tablet.sync.syncNow();
  expect(full().map(({ commits }) => commits.length)).toEqual([100, 1]);
  server.asked.length = 0;
  const note = "裂".repeat(80_000);
  for (let i = 0; i < 6; i++) await tablet.save([{ op: "create", kind: "finding", set: { note } }]);
  await tablet.sync.syncNow();
  const sizes = full().map((envelope) => new TextEncoder().encode(JSON.stringify(envelope)).length);
  expect(sizes.length).toBe(2);
  for (const size of sizes) expect(size).toBeLessThanOrEqual(1024 * 1024);
});

test("on a network too slow for a full batch, smaller ones get through", async () => {
  tablet.online = false;
  const note = "x".repeat(20_000);
  for (let i = 0; i < 20; i++) await tablet.save([{ op: "create", kind: "finding", set: { note } }]);
  const real = server.fetch;
  const slow = async (address: string, init?: RequestInit) => {
    if (String(init?.body ?? "").length > 100_000) throw new DOMException("slow", "TimeoutError");
    return real(address, init);
  };
  Object.assign(server, { fetch: slow });
  for (let run = 0; run < 30 && (await tablet.replica.outbox.unsent()) > 0; run++)
    await tablet.sync.syncNow();
  expect(await tablet.replica.outbox.unsent()).toBe(0);
  expect(server.space("qyl").head).toBe(20);
});

test("retry leaves a commit for the next run", async () => {
  const real = server.fetch;
  let busy = true;
  const answers = async (address: string, init?: RequestInit) => {
    const response = await real(address, init);
    if (!busy || !address.endsWith("/push")) return response;
    const body = await response.json();
    for (const result of body.results) Object.assign(result, { status: "retry", seqs: {} });
    return new Response(JSON.stringify(body));
  };
  Object.assign(server, { fetch: answers });
  await tablet.save([check("u1")]);
  await tablet.sync.syncNow();
  expect(full().length).toBeGreaterThan(0);
  expect(await tablet.replica.outbox.unsent()).toBe(1);
  busy = false;
  await tablet.sync.syncNow();
  expect(await tablet.replica.outbox.unsent()).toBe(0);
});

test("401 pauses and touches nothing; after signing in again everything goes up", async () => {
  await tablet.save([check("u1")]);
  server.signedIn = null;
  await tablet.sync.syncNow();
  expect(tablet.sync.status.value).toMatchObject({ phase: "paused", reason: "signed_out" });
  expect(tablet.timers.waiting).toEqual([]);
  expect(await tablet.replica.outbox.unsent()).toBe(1);
  await tablet.session.signIn(tablet.user, "demo", "tablet");
  await tablet.sync.syncNow();
  expect(await tablet.replica.outbox.unsent()).toBe(0);
});

test("with another user's cookie nothing goes up and nothing comes down", async () => {
  await tablet.save([check("u1")]);
  server.signedIn = { user: "someone else", device: "d" };
  await tablet.sync.syncNow();
  expect(server.space("qyl").head).toBe(0);
  await tablet.session.signIn(tablet.user, "demo", "tablet");
  await tablet.sync.syncNow();
  server.signedIn = { user: "someone else", device: "d" };
  server.asked.length = 0;
  await tablet.sync.syncNow();
  expect(server.asked.filter(({ path }: Asked) => path.endsWith("/pull"))).toEqual([]);
});

test("a server without room is asked again with the same batch, and nothing is set aside", async () => {
  for (const unit of ["u1", "u2", "u3", "u4"]) await tablet.save([check(unit)]);
  server.faults = [{ status: 503, headers: { "Retry-After": "30" }, body: { code: "storage_full" } }];
  await tablet.sync.syncNow();
  expect(await tablet.replica.outbox.unsent()).toBe(4);
  expect(tablet.timers.fire()).toBeGreaterThan(30_000);
  await tablet.sync.syncNow();
  expect(full().map(({ commits }) => commits.length)).toEqual([4, 4]);
  expect(await tablet.replica.outbox.unsent()).toBe(0);
});

test("503 waits as long as it says", async () => {
  await tablet.save([check("u1")]);
  server.faults = [{ status: 503, headers: { "Retry-After": "40" } }];
  await tablet.sync.syncNow();
  expect(tablet.sync.status.value).toMatchObject({ phase: "paused", reason: "limited" });
  expect(tablet.timers.fire()).toBe(40_500);
  await tablet.sync.syncNow();
  expect(await tablet.replica.outbox.unsent()).toBe(0);
});

test("a device without anything to send says so every five minutes, for the coverage to rely on", async () => {
  await tablet.sync.syncNow();
  server.asked.length = 0;
  await tablet.sync.syncNow();
  expect(pushes()).toEqual([]);
  tablet.clocks.pass(5 * 60_000);
  await tablet.sync.syncNow();
  expect(pushes()).toMatchObject([{ unsent: 0, commits: [] }]);
});

test("a save starts a run by itself; with the network known to be away it waits for the next attempt", async () => {
  await tablet.sync.syncNow();
  await tablet.save([check("u1")]);
  // The run has ended too, and the next one is due by the timer.
  await settled(() => server.space("qyl").head === 1 && tablet.timers.waiting.length === 1);
  tablet.online = false;
  await tablet.save([check("u2")]);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(server.space("qyl").head).toBe(1);
  tablet.timers.fire();
  await settled(() => server.space("qyl").head === 2);
});

async function settled(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1000 && !(await condition()); i++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await condition()).toBe(true);
}
