import { afterEach, beforeEach, expect, test } from "vitest";
import { Device, jpeg, KINDS, MORNING } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";

let tablet: Device;
let id: string;

beforeEach(async () => {
  tablet = await Device.start(new FakeServer(KINDS, ["qyl"], () => MORNING));
  id = tablet.uuid();
});
afterEach(() => tablet.kill());

test("an unfinished check is there after a kill, with its photos", async () => {
  const { sha256 } = await tablet.replica.blobs.put(jpeg("a"));
  await tablet.replica.drafts.put({ id, kind: "check", data: { item: 3 }, blobs: [sha256] });
  await tablet.reboot();
  const [draft] = await tablet.replica.drafts.list<{ item: number }>("check");
  expect(draft).toMatchObject({ id, data: { item: 3 }, blobs: [sha256] });
  expect(await tablet.replica.drafts.list("report")).toEqual([]);
});

test("of many touches the last one stands", async () => {
  const touches = Array.from({ length: 30 }, (_, item) =>
    tablet.replica.drafts.put({ id, kind: "check", data: { item }, blobs: [] }),
  );
  await Promise.all(touches);
  expect((await tablet.replica.drafts.get<{ item: number }>(id))?.data).toEqual({ item: 29 });
});

test("the draft goes with the commit that finishes it; a touch under way does not bring it back", async () => {
  await tablet.replica.drafts.put({ id, kind: "check", data: { item: 1 }, blobs: [] });
  const late = tablet.replica.drafts.put({ id, kind: "check", data: { item: 2 }, blobs: [] });
  await tablet.replica.save(tablet.commit([{ op: "create", kind: "area_check", set: { unit: "u1" } }]), id);
  await late;
  await tablet.replica.drafts.put({ id, kind: "check", data: { item: 3 }, blobs: [] });
  expect(await tablet.replica.drafts.get(id)).toBeNull();
});

test("when the save fails the draft is still there and can be touched on", async () => {
  await tablet.replica.drafts.put({ id, kind: "check", data: { item: 1 }, blobs: [] });
  const commit = tablet.commit(
    [{ op: "create", kind: "area_check", set: { unit: "u1" } }],
    ["ab".repeat(32)],
  );
  await expect(tablet.replica.save(commit, id)).rejects.toMatchObject({ code: "blob_missing" });
  await tablet.replica.drafts.put({ id, kind: "check", data: { item: 2 }, blobs: [] });
  expect((await tablet.replica.drafts.get<{ item: number }>(id))?.data).toEqual({ item: 2 });
});

test("an id that is no UUID is refused, because it would come again", async () => {
  await expect(
    tablet.replica.drafts.put({ id: "check:u1", kind: "check", data: {}, blobs: [] }),
  ).rejects.toThrow(TypeError);
});
