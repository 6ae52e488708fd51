import { afterEach, beforeEach, expect, test } from "vitest";
import { Device, jpeg, KINDS, MORNING } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";
import { KEEP_VERIFIED } from "./index.ts";

const HOUR = 3_600_000;
let tablet: Device;

beforeEach(async () => {
  tablet = await Device.start(new FakeServer(KINDS, ["qyl"], () => MORNING));
});
afterEach(() => tablet.kill());

async function savedPhoto(text: string) {
  const { sha256 } = await tablet.replica.blobs.put(jpeg(text));
  const commit = tablet.commit([{ op: "create", kind: "photo", set: { sha256 } }], [sha256]);
  await tablet.replica.save(commit);
  return { sha256, commit };
}

async function acknowledge(commit: { id: string; changes: { id: string }[] }) {
  const seqs = Object.fromEntries(commit.changes.map(({ id }, i) => [id, i + 1]));
  const result = { commit: commit.id, status: "applied" as const, replayed: false, seqs, conflicts: [] };
  await tablet.replica.outbox.settle({ space: "qyl", epoch: "e1", results: [result] });
}

test("equal bytes are kept once", async () => {
  const one = await tablet.replica.blobs.put(jpeg("same"));
  expect(await tablet.replica.blobs.put(jpeg("same"))).toEqual(one);
  expect(await tablet.replica.blobs.list()).toHaveLength(1);
});

test("bytes go three days after a have that was asked after the acknowledgement, and not before", async () => {
  const { blobs } = tablet.replica;
  const { sha256, commit } = await savedPhoto("a");
  const early = await blobs.toVerify();
  expect([...early.keys()]).toEqual([]);
  await blobs.verified([sha256], early);
  expect((await blobs.info(sha256))?.verified_at).toBeNull();

  await acknowledge(commit);
  const marks = await blobs.toVerify();
  expect([...marks.keys()]).toEqual([sha256]);
  await blobs.verified([sha256], marks);
  tablet.clocks.pass(KEEP_VERIFIED - HOUR);
  expect(await blobs.prune()).toEqual([]);
  tablet.clocks.pass(2 * HOUR);
  expect(await blobs.prune()).toEqual([sha256]);
  expect(await blobs.bytes(sha256)).toBeNull();
});

test("without the server's word bytes stay, however long", async () => {
  const { blobs } = tablet.replica;
  const { sha256, commit } = await savedPhoto("a");
  await acknowledge(commit);
  await blobs.verified([], await blobs.toVerify());
  tablet.clocks.pass(365 * 24 * HOUR);
  await tablet.reboot();
  expect(await tablet.replica.blobs.prune()).toEqual([]);
  expect(await tablet.replica.blobs.bytes(sha256)).not.toBeNull();
});

test("an answer to a question from before a second commit does not count for it", async () => {
  const { blobs } = tablet.replica;
  const { sha256, commit } = await savedPhoto("a");
  await acknowledge(commit);
  const marks = await blobs.toVerify();
  const second = tablet.commit([{ op: "create", kind: "photo", set: { sha256 } }], [sha256]);
  await tablet.replica.save(second);
  await acknowledge(second);
  await blobs.verified([sha256], marks);
  expect((await blobs.info(sha256))?.verified_at).toBeNull();
  await blobs.verified([sha256], await blobs.toVerify());
  expect((await blobs.info(sha256))?.verified_at).not.toBeNull();
});

test("commits that go up again after a restore take the verification back", async () => {
  const { blobs, outbox } = tablet.replica;
  const { sha256, commit } = await savedPhoto("a");
  await acknowledge(commit);
  await blobs.verified([sha256], await blobs.toVerify());
  await outbox.sendAgain("qyl");
  tablet.clocks.pass(KEEP_VERIFIED * 2);
  expect(await blobs.prune()).toEqual([]);
  expect((await blobs.toVerify()).size).toBe(0);
});

test("a photo that a draft still shows is not deleted", async () => {
  const { blobs, drafts } = tablet.replica;
  const { sha256, commit } = await savedPhoto("a");
  await acknowledge(commit);
  await blobs.verified([sha256], await blobs.toVerify());
  await drafts.put({ id: tablet.uuid(), kind: "check", data: {}, blobs: [sha256] });
  tablet.clocks.pass(KEEP_VERIFIED * 2);
  expect(await blobs.prune()).toEqual([]);
});

test("bytes that nothing came to hold go after a day, but never in the run that put them", async () => {
  const { sha256 } = await tablet.replica.blobs.put(jpeg("forgotten"));
  tablet.clocks.pass(25 * HOUR);
  expect(await tablet.replica.blobs.prune()).toEqual([]);
  await tablet.reboot();
  expect(await tablet.replica.blobs.prune()).toEqual([sha256]);
});

test("discarding refuses bytes of a saved commit and spares those of another draft", async () => {
  const { blobs, drafts } = tablet.replica;
  const { sha256 } = await savedPhoto("a");
  await expect(blobs.discard(sha256)).rejects.toMatchObject({ code: "busy" });
  const loose = await blobs.put(jpeg("b"));
  const [first, second] = [tablet.uuid(), tablet.uuid()];
  await drafts.put({ id: first, kind: "check", data: {}, blobs: [loose.sha256] });
  await drafts.put({ id: second, kind: "check", data: {}, blobs: [loose.sha256] });
  await blobs.discard(loose.sha256);
  await drafts.discard(first);
  expect(await blobs.bytes(loose.sha256)).not.toBeNull();
  await drafts.discard(second);
  expect(await blobs.bytes(loose.sha256)).toBeNull();
});
