import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Device, jpeg, KINDS, MORNING } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";
import { KEEP_VERIFIED } from "../store/index.ts";
import type { UploadEnd, Uploader, UploadJob } from "./tus.ts";

let server: FakeServer;
let tablet: Device;
let jobs: UploadJob[];
/** What the next uploads come to; "done" when the list is empty. */
let ends: UploadEnd[];
/** The server has the bytes but is not done with them. */
let hashing: boolean;

const uploader: Uploader = async (job) => {
  jobs.push(job);
  const end = ends.shift() ?? { kind: "done" };
  const bytes = new Uint8Array(await job.bytes.arrayBuffer());
  await job.began(`/uploads/${job.sha256}`);
  job.progress(1);
  if (end.kind === "done" && !hashing)
    server.blobs.set(createHash("sha256").update(bytes).digest("hex"), bytes);
  return end;
};

beforeEach(async () => {
  server = new FakeServer(KINDS, ["qyl"], () => MORNING);
  jobs = [];
  ends = [];
  hashing = false;
  tablet = await Device.start(server, { uploader });
  server.now = () => tablet.clocks.wall();
  // From here on a run happens only when a test asks for it.
  tablet.online = false;
  await run();
});
afterEach(() => tablet.kill());

async function photo(text: string): Promise<string> {
  tablet.clocks.pass(1000);
  const { sha256 } = await tablet.replica.blobs.put(jpeg(text));
  await tablet.save([{ op: "create", kind: "photo", set: { sha256 } }], [sha256]);
  return sha256;
}

/** A run, and the photos that go up beside it. */
async function run(): Promise<void> {
  await tablet.sync.syncNow();
  await idle();
}

async function idle(): Promise<void> {
  const { photos } = tablet.sync as unknown as { photos: Promise<void> | null };
  await photos;
}

const info = (sha256: string) => tablet.replica.blobs.info(sha256);

test("photos go up, the server's word is asked for, and the bytes are the same on both sides", async () => {
  const shas = [await photo("one"), await photo("two")];
  await run();
  for (const sha256 of shas) {
    expect(await info(sha256)).toMatchObject({ state: "held", sent_bytes: 8 });
    const here = new Uint8Array(await ((await tablet.replica.blobs.bytes(sha256)) as Blob).arrayBuffer());
    expect(server.blobs.get(sha256)).toEqual(here);
  }
  expect(tablet.sync.status.value).toMatchObject({ phase: "idle", photos: [] });
});

test("what the server holds already does not go up again", async () => {
  const sha256 = await photo("one");
  server.blobs.set(sha256, new Uint8Array());
  await run();
  expect(jobs).toEqual([]);
  expect(await info(sha256)).toMatchObject({ state: "held" });
});

test("bytes that only a draft holds stay here", async () => {
  await tablet.replica.blobs.put(jpeg("one"));
  await run();
  expect(jobs).toEqual([]);
});

test("after a broken upload the next run goes on at the same address, also after a restart", async () => {
  ends = [{ kind: "offline", cause: "network" }];
  const sha256 = await photo("one");
  await run();
  expect(await info(sha256)).toMatchObject({ state: "uploading", upload_url: `/uploads/${sha256}` });
  expect(tablet.sync.status.value.phase).toBe("offline");
  await tablet.reboot();
  await run();
  expect(jobs.map(({ url }) => url)).toEqual([null, `/uploads/${sha256}`]);
  expect(await info(sha256)).toMatchObject({ state: "held" });
});

test("a photo that is refused for good is shown with its reason, keeps nobody waiting, and can be tried again", async () => {
  ends = [{ kind: "never", code: "not_an_image" }];
  const bad = await photo("bad");
  const good = await photo("good");
  await run();
  expect(await info(good)).toMatchObject({ state: "held" });
  expect(await info(bad)).toMatchObject({ state: "refused", reason: "not_an_image" });
  expect((await tablet.replica.outbox.backlog()).refused_photos).toBe(1);
  await run();
  expect(jobs).toHaveLength(2);
  expect(await tablet.replica.blobs.bytes(bad)).not.toBeNull();
  await tablet.sync.retryPhoto(bad);
  expect(await info(bad)).toMatchObject({ state: "held" });
});

test("bytes that were broken on the way go up anew; bytes that are broken here are said to be", async () => {
  ends = [{ kind: "mismatch" }];
  const sha256 = await photo("one");
  await run();
  await run();
  expect(await info(sha256)).toMatchObject({ state: "held" });

  const damaged = await photo("two");
  await damage(damaged);
  ends = [{ kind: "mismatch" }];
  await tablet.replica.blobs.update(damaged, { state: "local" });
  server.blobs.delete(damaged);
  await run();
  expect(await info(damaged)).toMatchObject({ state: "refused", reason: "damaged_here" });
});

test("a photo whose bytes have gone up counts as unsent until the server says that it holds them", async () => {
  const sha256 = await photo("one");
  hashing = true;
  await run();
  expect(await info(sha256)).toMatchObject({ state: "sent", verified_at: null });
  expect((await tablet.replica.outbox.backlog()).photos).toBe(1);
  hashing = false;
  await run();
  expect(await info(sha256)).toMatchObject({ state: "held" });
  expect((await tablet.replica.outbox.backlog()).photos).toBe(0);
});

test("an upload that the server lost begins anew", async () => {
  ends = [{ kind: "lost" }];
  const sha256 = await photo("one");
  await run();
  expect(await info(sha256)).toMatchObject({ state: "local", upload_url: null });
  await run();
  expect(await info(sha256)).toMatchObject({ state: "held" });
});

test("a photo that the server held and lost goes up again before it may be let go of", async () => {
  const sha256 = await photo("one");
  server.judge = () => ({ code: "not_found" });
  await run();
  expect(await info(sha256)).toMatchObject({ state: "held", verified_at: null });
  server.blobs.delete(sha256);
  server.judge = () => null;
  tablet.clocks.pass(6 * 60_000);
  await run();
  await run();
  expect(jobs).toHaveLength(2);
  expect((await info(sha256))?.verified_at).not.toBeNull();
});

test("bytes leave the device three days after the server verified them, never while it has not", async () => {
  const kept = await photo("parked");
  server.judge = () => ({ code: "not_found" });
  await run();
  server.judge = (commit) => (commit.n === 1 ? { code: "not_found" } : null);
  const gone = await photo("taken in");
  await run();
  tablet.clocks.pass(KEEP_VERIFIED + 60_000);
  await run();
  expect(await tablet.replica.blobs.bytes(gone)).toBeNull();
  expect(await tablet.replica.blobs.bytes(kept)).not.toBeNull();
});

test("an upload in trouble with the server slows the whole loop down", async () => {
  ends = [{ kind: "limited", wait: 9000 }];
  await photo("one");
  await run();
  expect(tablet.sync.status.value).toMatchObject({ phase: "paused", reason: "limited" });
  expect(tablet.timers.waiting.map(({ milliseconds }) => milliseconds)).toEqual([9500]);
});

test("progress of each photo is shown while it goes up", async () => {
  const sha256 = await photo("one");
  await settle();
  const seen: number[] = [];
  tablet.sync.status.subscribe(({ photos }) => {
    for (const one of photos) if (one.sha256 === sha256) seen.push(one.sent);
  });
  await run();
  expect(seen).toContain(1);
});

async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Flips a byte of what lies on the disk. */
async function damage(sha256: string): Promise<void> {
  const request = tablet.disk.open(tablet.replica.name);
  const database = await new Promise<IDBDatabase>((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const transaction = database.transaction("blob_bytes", "readwrite");
  transaction.objectStore("blob_bytes").put({ sha256, sealed: new Uint8Array([1, 2, 3]) });
  await new Promise((resolve) => {
    transaction.oncomplete = resolve;
  });
  database.close();
}
