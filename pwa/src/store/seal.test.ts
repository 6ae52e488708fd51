import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Device, jpeg, KINDS, MORNING, onDisk } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";

/** Another seal than the identity: whatever goes round it would show, or could not be read again. */
vi.mock("./seal.ts", async (original) => {
  const turned = (bytes: Uint8Array) => Promise.resolve(bytes.map((byte) => byte ^ 0x5a));
  return {
    ...(await original<typeof import("./seal.ts")>()),
    openSeal: () => ({ seal: turned, unseal: turned }),
  };
});

const STORES = ["meta", "base", "view", "outbox", "blobs", "blob_bytes", "drafts", "journal"];
const SECRET = "secret-words";
let tablet: Device;

beforeEach(async () => {
  tablet = await Device.start(new FakeServer(KINDS, ["qyl"], () => MORNING));
});
afterEach(() => tablet.kill());

/** All bytes and texts of all rows, as one Latin-1 text. */
async function everything(): Promise<string> {
  const parts: string[] = [];
  const walk = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) parts.push(Buffer.from(value.buffer, value.byteOffset).toString("latin1"));
    else if (value instanceof ArrayBuffer) parts.push(Buffer.from(value).toString("latin1"));
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(walk);
    else parts.push(String(value));
  };
  for (const store of STORES) (await onDisk(tablet, store)).forEach(walk);
  return parts.join("\n");
}

test("records, commits, drafts and photos go through the seal, and come back whole", async () => {
  const { sha256 } = await tablet.replica.blobs.put(jpeg(SECRET));
  const draft = { id: tablet.uuid(), kind: "check", data: { note: SECRET }, blobs: [] };
  await tablet.replica.drafts.put(draft);
  await tablet.save([{ op: "create", kind: "finding", record: "f1", set: { unit: "u1", note: SECRET } }]);
  expect(await everything(), "while the commit is unsent").not.toContain(SECRET);
  await tablet.sync.syncNow();
  expect((await onDisk<{ id: string }>(tablet, "base")).map(({ id }) => id)).toContain("f1");
  expect(await everything(), "once it came back from the server").not.toContain(SECRET);

  expect(await tablet.replica.queries.record("f1")).toMatchObject({ data: { note: SECRET } });
  expect(await tablet.replica.drafts.get(draft.id)).toMatchObject({ data: { note: SECRET } });
  expect(await (await tablet.replica.blobs.bytes(sha256))?.text()).toContain(SECRET);
});

test("the search itself finds what lies open", async () => {
  await tablet.save([{ op: "create", kind: "finding", record: "f1", set: { unit: SECRET } }]);
  expect(await everything()).toContain(SECRET);
});
