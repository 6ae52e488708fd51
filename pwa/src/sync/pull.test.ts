import { afterEach, beforeEach, expect, test } from "vitest";
import { Device, KINDS, MORNING } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";
import { emptySpace } from "../../tests/kit/space.ts";
import { KEEP_ACKNOWLEDGED } from "../store/index.ts";

let server: FakeServer;
let tablet: Device;
let other: Device;

beforeEach(async () => {
  server = new FakeServer(KINDS, ["qyl"], () => MORNING);
  other = await Device.start(server, { seed: 99 });
  tablet = await Device.start(server);
  server.now = () => tablet.clocks.wall();
});
afterEach(() => {
  tablet.kill();
  other.kill();
});

/** The fake server knows one session at a time; each device signs in for its own run. */
async function run(device: Device): Promise<void> {
  server.signedIn = { user: device.user, device: device.session.current.value?.device ?? "" };
  await device.sync.syncNow();
}

async function finding(device: Device, record: string, note: string): Promise<void> {
  await device.save([{ op: "create", kind: "finding", record, set: { note, unit: "u1" } }]);
}

async function edit(device: Device, record: string, note: string): Promise<void> {
  const seen = await device.replica.queries.record(record);
  if (seen === null) throw new Error(`${record} is not shown`);
  await device.save([{ op: "patch", seen, set: { note } }]);
}

const note = async (device: Device, record: string) =>
  (await device.replica.queries.record<{ note: string }>(record))?.data.note;
const pulls = () =>
  server.asked.filter(({ path }) => path.endsWith("/pull")).map(({ query }) => Object.fromEntries(query));

test("pages follow each other until nothing is left; the cursor's chain hash goes back each time", async () => {
  for (let i = 0; i < 7; i++) await finding(other, `r${i}`, `n${i}`);
  await run(other);
  server.pageSize = 3;
  server.asked.length = 0;
  await run(tablet);
  expect(await tablet.replica.queries.recordsOfKind("finding")).toHaveLength(7);
  const { chain } = server.space("qyl");
  expect(
    pulls()
      .slice(0, 3)
      .map(({ since, epoch, at }) => [since, epoch, at]),
  ).toEqual([
    ["0", "", ""],
    ["3", "e1", chain[3]],
    ["6", "e1", chain[6]],
  ]);
  server.asked.length = 0;
  await run(tablet);
  expect(pulls().map(({ since }) => since)).toEqual(["7"]);
});

test("on a network too slow for a full page, smaller ones get through", async () => {
  for (let i = 0; i < 30; i++) await finding(other, `r${i}`, `n${i}`);
  await run(other);
  const real = server.fetch;
  const slow = async (address: string, init?: RequestInit) => {
    const limit = Number(new URL(address, "http://rounds.test").searchParams.get("limit") ?? 0);
    if (limit > 60) throw new DOMException("slow", "TimeoutError");
    return real(address, init);
  };
  Object.assign(server, { fetch: slow });
  const count = async () => (await tablet.replica.queries.recordsOfKind("finding")).length;
  for (let round = 0; round < 10 && (await count()) === 0; round++) await run(tablet);
  expect(await count()).toBe(30);
});

test("killed between two pages, the tablet goes on from the first", async () => {
  for (let i = 0; i < 6; i++) await finding(other, `r${i}`, `n${i}`);
  await run(other);
  server.pageSize = 2;
  server.faults = ["ok", "ok", "drop"];
  await run(tablet);
  expect(await tablet.replica.queries.recordsOfKind("finding")).toEqual([]);
  await tablet.reboot();
  server.asked.length = 0;
  await run(tablet);
  expect(
    pulls()
      .map(({ since }) => since)
      .slice(0, 2),
  ).toEqual(["2", "4"]);
  expect(await tablet.replica.queries.recordsOfKind("finding")).toHaveLength(6);
});

test("a restored server: the tablet rebuilds and sends again what the backup had not", async () => {
  await finding(tablet, "r1", "before");
  await run(tablet);
  const restore = server.backup();
  await finding(tablet, "r2", "after");
  await edit(tablet, "r1", "edited after");
  await run(tablet);
  await finding(tablet, "r3", "unsent");
  restore();
  await run(tablet);
  expect([...server.space("qyl").records.keys()].sort()).toEqual(["r1", "r2", "r3"]);
  expect(server.record("qyl", "r1")?.data.note).toBe("edited after");
  expect(await note(tablet, "r2")).toBe("after");
  expect(await tablet.replica.outbox.unsent()).toBe(0);
  expect((await tablet.replica.checksum("qyl")).checksum).toBe(server.checksum("qyl"));
});

test("a server that forgot without saying so is caught by the chain hash, and gets everything again", async () => {
  await finding(tablet, "r1", "before");
  await run(tablet);
  const restore = server.backup();
  await finding(tablet, "r2", "after");
  await run(tablet);
  restore();
  server.space("qyl").epoch = "e1";
  // Somebody else's record took the seq that ours had.
  await finding(other, "r9", "theirs");
  await run(other);
  expect(server.space("qyl").head).toBe(2);
  await run(tablet);
  expect([...server.space("qyl").records.keys()].sort()).toEqual(["r1", "r2", "r9"]);
  expect(await note(tablet, "r9")).toBe("theirs");
  expect((await tablet.replica.checksum("qyl")).checksum).toBe(server.checksum("qyl"));
});

test("when rights change the tablet starts anew and keeps nothing that it may no longer know", async () => {
  await finding(other, "secret", "s");
  await finding(other, "open", "o");
  await run(other);
  await run(tablet);
  server.space("qyl").records.delete("secret");
  server.changeEpoch("qyl");
  await run(tablet);
  expect(await note(tablet, "secret")).toBeUndefined();
  expect(await note(tablet, "open")).toBe("o");
});

test("a space that is no longer in the scope leaves the tablet", async () => {
  await finding(other, "r1", "n");
  await run(other);
  await run(tablet);
  server.spaces.set("hq", emptySpace("e1"));
  server.reads = ["hq"];
  await run(tablet);
  expect(await tablet.replica.queries.recordsOfKind("finding")).toEqual([]);
  expect(tablet.session.current.value?.spaces.map(({ space }) => space)).toEqual(["hq"]);
});

test("a checksum that differs makes the tablet rebuild, once", async () => {
  await finding(other, "r1", "n");
  await run(other);
  await run(tablet);
  // The server's record moved without a seq, which the cursor cannot tell.
  const record = server.record("qyl", "r1");
  if (record === undefined) throw new Error("not there");
  Object.assign(record, { last_change: "c-other", data: { note: "repaired" } });
  await run(tablet);
  expect(await note(tablet, "r1")).toBe("n");
  tablet.clocks.pass(25 * 3_600_000);
  server.asked.length = 0;
  await run(tablet);
  expect(pulls().map(({ since, checksum }) => [since, checksum])).toEqual([
    ["1", "1"],
    ["0", "1"],
  ]);
  expect(await note(tablet, "r1")).toBe("repaired");
  expect((await tablet.replica.journal.lines()).map(({ code }) => code)).toContain("checksum_differs");
  server.asked.length = 0;
  await run(tablet);
  expect(pulls().map(({ checksum }) => checksum)).toEqual([undefined]);
});

test("a server that answers 410 for ever, or repeats itself, does not keep the tablet in a circle", async () => {
  const real = server.fetch;
  Object.assign(server, {
    fetch: async (address: string, init?: RequestInit) =>
      address.includes("/pull?") ? new Response('{"code":"gone"}', { status: 410 }) : real(address, init),
  });
  await run(tablet);
  expect(tablet.sync.status.value).toMatchObject({ phase: "offline", reason: "server_error" });
  Object.assign(server, {
    fetch: async (address: string, init?: RequestInit) => {
      const response = await real(address, init);
      if (!address.includes("/pull?")) return response;
      return new Response(JSON.stringify({ ...(await response.json()), more: true, to: 0 }));
    },
  });
  await run(tablet);
  expect(tablet.sync.status.value).toMatchObject({ phase: "offline", reason: "server_error" });
});

test("426 stops the pull and asks for an update, but what was saved still goes up", async () => {
  await finding(tablet, "r1", "n");
  const real = server.fetch;
  Object.assign(server, {
    fetch: async (address: string, init?: RequestInit) =>
      address.includes("/pull?") ? new Response("{}", { status: 426 }) : real(address, init),
  });
  await run(tablet);
  expect(server.record("qyl", "r1")).toBeDefined();
  expect(tablet.sync.status.value).toMatchObject({ phase: "paused", reason: "update_needed" });
});

test("two tablets on the same record: what came first stays current, and both show it", async () => {
  await finding(tablet, "r1", "start");
  await run(tablet);
  await run(other);
  await edit(tablet, "r1", "first");
  await edit(other, "r1", "second");
  expect(await note(other, "r1")).toBe("second");
  await run(tablet);
  await run(other);
  expect(await note(other, "r1")).toBe("first");
  expect((await other.replica.queries.record("r1"))?.contested).toEqual(["note"]);
  expect((await other.replica.outbox.list(["acknowledged"])).at(-1)?.result?.status).toBe("conflict");
});

test("acknowledged commits stay until a backup has them, at most fourteen days", async () => {
  const held = () => tablet.replica.outbox.list(["acknowledged"]);
  await finding(tablet, "r1", "n");
  await run(tablet);
  await finding(tablet, "r2", "n");
  await run(tablet);
  expect(await held()).toHaveLength(2);
  server.backedUp = 1;
  await run(tablet);
  expect((await held()).map(({ n }) => n)).toEqual([2]);
  server.backedUp = null;
  tablet.clocks.pass(KEEP_ACKNOWLEDGED - 3_600_000);
  await run(tablet);
  expect(await held()).toHaveLength(1);
  tablet.clocks.pass(2 * 3_600_000);
  await run(tablet);
  expect(await held()).toEqual([]);
});

test("a first pull says how far it has come", async () => {
  for (let i = 0; i < 6; i++) await finding(other, `r${i}`, `n${i}`);
  await run(other);
  server.pageSize = 2;
  const seen = new Set<string>();
  tablet.sync.status.subscribe(({ filling }) => {
    if (filling !== null) seen.add(`${filling.done} / ${filling.total}`);
  });
  await run(tablet);
  expect([...seen]).toEqual(["0 / 6", "2 / 6", "4 / 6", "6 / 6"]);
  expect(tablet.sync.status.value.filling).toBeNull();
});

test("a revoked user's tablet hands in what it has and then wipes itself", async () => {
  await finding(other, "r0", "n");
  await run(other);
  await run(tablet);
  // Else the first save begins a run of its own, which may meet the wipe before the photo is saved.
  tablet.online = false;
  await finding(tablet, "r1", "mine");
  const { sha256 } = await tablet.replica.blobs.put(new Blob(["photo"]));
  await tablet.save([{ op: "create", kind: "photo", set: { sha256 } }], [sha256]);
  server.wipe = "later";
  await run(tablet);
  expect(server.record("qyl", "r1")).toBeDefined();
  expect(server.blobs.has(sha256)).toBe(true);
  expect(await databases(tablet)).not.toContain(tablet.replica.name);
  expect(tablet.session.current.value).toBeNull();
  expect(await tablet.session.firstN(tablet.user)).toBe(3);
});

test("it does not wipe itself while anything cannot be handed in; a lost device wipes at once", async () => {
  await finding(tablet, "r1", "mine");
  server.wipe = "later";
  server.spoils = (commits) => (commits.length > 0 ? { status: 400 } : "ok");
  await run(tablet);
  expect(await tablet.replica.outbox.unsent()).toBe(1);
  server.wipe = "now";
  await run(tablet);
  expect(await databases(tablet)).not.toContain(tablet.replica.name);
});

async function databases(device: Device): Promise<(string | undefined)[]> {
  return (await device.disk.databases()).map(({ name }) => name);
}
