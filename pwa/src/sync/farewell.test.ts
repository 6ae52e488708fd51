import { beforeEach, expect, test, vi } from "vitest";
import { Device, KINDS, MORNING } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";
import { openReplica } from "../store/index.ts";

/** What a tablet still says after the server shut its user out, when nothing else of him is left on it. */

let server: FakeServer;
let tablet: Device;

beforeEach(async () => {
  server = new FakeServer(KINDS, ["hq", "qyl"], () => MORNING);
  tablet = await Device.start(server);
  await tablet.sync.syncNow();
  server.now = () => tablet.clocks.wall();
  // What is saved below goes up with the run that the test begins, and with no other.
  tablet.online = false;
});

/** A shut-out device's commits are parked for a reviewer. */
function shutOut(wipe: "now" | "later", of: FakeServer["wipeOf"] = null): void {
  Object.assign(server, { wipe, wipeOf: of, judge: () => ({ code: "quarantine" }) });
}

async function saveFinding(photo?: string): Promise<void> {
  const set = { unit: "u1", note: "积水" };
  if (photo === undefined) {
    await tablet.save([{ op: "create", kind: "finding", set }]);
    return;
  }
  const { sha256 } = await tablet.replica.blobs.put(new Blob([photo]));
  const edits = [
    { op: "create", kind: "finding", set },
    { op: "create", kind: "photo", set: { sha256 } },
  ] as const;
  await tablet.save([...edits], [sha256]);
}

const draft = () =>
  tablet.replica.drafts.put({
    id: "0193000e-0000-7000-8000-0000000000d1",
    kind: "check",
    data: {},
    blobs: [],
  });
const databases = async () => (await tablet.disk.databases()).map(({ name }) => name);

test.each([
  ["device", "device"],
  ["account", "account"],
  [null, "stopped"],
] as const)(
  "shut out by the server (%s): the tablet says why and counts what it handed in",
  async (of, cause) => {
    await saveFinding();
    await saveFinding("photo");
    await draft();
    shutOut("later", of);
    await tablet.sync.syncNow();
    expect(await databases()).not.toContain(tablet.replica.name);
    expect(tablet.session.current.value).toBeNull();
    expect(await tablet.session.farewell()).toEqual({
      cause,
      user: { name: "何桂兰", username: "t07" },
      at: MORNING,
      handed: { commits: 2, photos: 1 },
      forfeited: { commits: 0, photos: 0 },
      drafts: { count: 1, kept: false },
    });
  },
);

test("what the office had taken in or discarded before is not counted as waiting there", async () => {
  await saveFinding();
  await tablet.sync.syncNow();
  server.judge = () => ({ code: "forbidden" });
  await saveFinding();
  await tablet.sync.syncNow();
  for (const waiting of server.space("qyl").parked.values()) waiting.discarded = true;
  tablet.clocks.pass(6 * 60_000);
  await tablet.sync.syncNow();
  await saveFinding();
  shutOut("later", "device");
  await tablet.sync.syncNow();
  expect((await tablet.session.farewell())?.handed).toEqual({ commits: 1, photos: 0 });
});

test("a lost tablet forfeits what it had not handed in, and says how much", async () => {
  await saveFinding("photo");
  shutOut("now");
  server.spoils = () => ({ status: 403, body: { code: "wipe_now", wipe: "now" } });
  await tablet.sync.syncNow();
  expect(await databases()).not.toContain(tablet.replica.name);
  expect(await tablet.session.farewell()).toMatchObject({
    cause: "lost",
    handed: { commits: 0, photos: 0 },
    forfeited: { commits: 1, photos: 1 },
  });
});

test("of a lost tablet the work of everybody goes, and their numbers go on where they were", async () => {
  const colleague = await openReplica({
    server: "http://rounds.test",
    user: "0193000e-0000-7000-8000-0000000000c2",
    kinds: KINDS,
    stamp: tablet.watch.stamp,
    factory: tablet.disk,
    storage: null,
  });
  await colleague.save(tablet.commit([{ op: "create", kind: "finding", set: { unit: "u2" } }]));
  shutOut("now");
  server.spoils = () => ({ status: 403, body: { code: "wipe_now", wipe: "now" } });
  await tablet.sync.syncNow();
  expect((await databases()).filter((name) => name?.startsWith("rounds:"))).toEqual([]);
  expect(await tablet.session.firstN(colleague.user)).toBe(2);
});

test("a revoked tablet keeps what a colleague has not handed in yet", async () => {
  const name = "rounds:http://rounds.test:0193000e-0000-7000-8000-0000000000c2";
  const opened = tablet.disk.open(name, 2);
  await new Promise((resolve) => opened.addEventListener("success", resolve));
  opened.result.close();
  shutOut("later", "device");
  await tablet.sync.syncNow();
  expect(await databases()).toContain(name);
});

test("whoever has no duty any more is signed out and told; nothing of his is left", async () => {
  await saveFinding();
  Object.assign(server, { reads: [], judge: () => ({ code: "forbidden" }) });
  await tablet.sync.syncNow();
  expect(tablet.session.current.value).toBeNull();
  expect(await databases()).not.toContain(tablet.replica.name);
  expect(await tablet.session.farewell()).toMatchObject({ cause: "no_role", handed: { commits: 1 } });
});

test("a check that he had begun waits on the tablet for his duty to come back; its records do not", async () => {
  await saveFinding();
  await draft();
  Object.assign(server, { reads: [], judge: () => ({ code: "forbidden" }) });
  await tablet.sync.syncNow();
  expect(tablet.session.current.value).toBeNull();
  expect(await tablet.session.farewell()).toMatchObject({ drafts: { count: 1, kept: true } });
  expect(await tablet.replica.cursors()).toEqual([]);
  expect(await tablet.replica.drafts.list()).toHaveLength(1);
});

test("it is told over restarts, through failed sign-ins, and until somebody has signed in", async () => {
  shutOut("later", "account");
  await tablet.sync.syncNow();
  await tablet.reboot();
  expect(await tablet.session.signIn(tablet.user, "wrong", "tablet")).toEqual({ kind: "wrong" });
  expect((await tablet.session.farewell())?.cause).toBe("account");
  Object.assign(server, { wipe: null });
  expect((await tablet.session.signIn("somebody else", "demo", "tablet")).kind).toBe("ok");
  expect(await tablet.session.farewell()).toBeNull();
});

test("signing out by oneself leaves nothing to be told", async () => {
  await tablet.session.signOut();
  expect(await tablet.session.farewell()).toBeNull();
});

test("to a server that was restored, a tablet hands in once more what it still holds before it wipes itself", async () => {
  const restore = server.backup();
  await saveFinding();
  await tablet.sync.syncNow();
  server.judge = () => ({ code: "forbidden" });
  await saveFinding();
  await tablet.sync.syncNow();
  const held = (await tablet.replica.outbox.list(["acknowledged", "parked"])).map(({ id }) => id);
  expect(held).toHaveLength(2);
  restore();
  shutOut("later", "device");
  await tablet.sync.syncNow();
  expect([...server.space("qyl").parked.keys()]).toEqual(held);
  expect(await databases()).not.toContain(tablet.replica.name);
});

test.each([
  ["taken in", null],
  ["parked", { code: "quarantine" }],
])(
  "what was set aside is handed in (%s), and a photo that went up before it asked for once more",
  async (_, reason) => {
    server.spoils = (commits) => (commits.length > 0 ? { status: 413 } : "ok");
    await saveFinding("photo");
    await tablet.sync.syncNow();
    await vi.waitFor(async () => {
      expect((await tablet.replica.blobs.list()).map(({ state }) => state)).toEqual(["held"]);
    });
    expect(await tablet.replica.outbox.list(["aside"])).toHaveLength(1);
    server.spoils = () => "ok";
    shutOut("later", "device");
    server.judge = () => reason;
    // Scope, what was set aside, the heartbeat, and the question for the photo, which gets lost.
    server.faults = ["ok", "ok", "ok", "drop"];
    await tablet.sync.syncNow();
    expect(await databases()).toContain(tablet.replica.name);
    await tablet.sync.syncNow();
    expect(await databases()).not.toContain(tablet.replica.name);
  },
);
