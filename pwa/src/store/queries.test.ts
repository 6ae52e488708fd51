import { afterEach, beforeEach, expect, test } from "vitest";
import { Device, KINDS, MORNING, onDisk } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";
import type { PulledRecord, PullPage } from "./index.ts";

let tablet: Device;

beforeEach(async () => {
  tablet = await Device.start(new FakeServer(KINDS, ["qyl"], () => MORNING));
});
afterEach(() => tablet.kill());

function check(id: string, seq: number, unit: string, business_date: string, deleted = false): PulledRecord {
  return {
    kind: "area_check",
    id,
    seq,
    deleted,
    data: { unit, business_date },
    created_by_change: `c-${id}`,
    last_change: `c-${id}`,
    versions: {},
    contested: [],
  };
}

async function pull(records: PulledRecord[], to: number): Promise<void> {
  const asked = await tablet.replica.nextQuestion("qyl");
  const page: PullPage = {
    epoch: "e1",
    since: asked.from.seq,
    to,
    head: to,
    at: `at${to}`,
    more: false,
    records,
  };
  await tablet.replica.applyPage(asked, page);
}

const ids = (records: readonly { id: string }[]) => records.map(({ id }) => id);

test("the newest check of each unit, whether it came from the server or was made here", async () => {
  await pull(
    [
      check("a1", 1, "u1", "2026-11-18"),
      check("a2", 2, "u1", "2026-11-20"),
      check("b1", 3, "u2", "2026-11-19"),
    ],
    3,
  );
  const units = ["u1", "u2", "u3"];
  const newest = async () => {
    const found = await tablet.replica.queries.newestByUnit("area_check", units);
    return Object.fromEntries([...found].map(([unit, { id }]) => [unit, id]));
  };
  expect(await newest()).toEqual({ u1: "a2", u2: "b1" });
  await tablet.save([
    { op: "create", kind: "area_check", record: "mine", set: { unit: "u3", business_date: "2026-11-23" } },
  ]);
  expect(await newest()).toEqual({ u1: "a2", u2: "b1", u3: "mine" });
  // An own change moves the newest check of u1 elsewhere: the one before it is the newest again.
  const seen = await tablet.replica.queries.record("a2");
  if (seen === null) throw new Error("not shown");
  await tablet.save([{ op: "patch", seen, set: { unit: "u2" } }]);
  expect(await newest()).toEqual({ u1: "a1", u2: "a2", u3: "mine" });
  expect(ids(await tablet.replica.queries.byUnit("area_check", "u1"))).toEqual(["a1"]);
  expect(ids(await tablet.replica.queries.byUnit("area_check", "u2"))).toEqual(["b1", "a2"]);
});

test("the checks of one unit, by date", async () => {
  await pull(
    [
      check("late", 1, "u1", "2026-11-20"),
      check("early", 2, "u1", "2026-11-18"),
      check("other", 3, "u10", "2026-11-19"),
    ],
    3,
  );
  expect(ids(await tablet.replica.queries.byUnit("area_check", "u1"))).toEqual(["early", "late"]);
});

test("a list in memory follows saves, pulls and deletions, and is a new array only when it changed", async () => {
  await pull([check("a1", 1, "u1", "2026-11-18")], 1);
  const { queries } = tablet.replica;
  const first = await queries.recordsOfKind("area_check");
  expect(await queries.recordsOfKind("area_check")).toBe(first);
  await tablet.save([{ op: "create", kind: "area_check", record: "mine", set: { unit: "u1" } }]);
  const second = await queries.recordsOfKind("area_check");
  expect(ids(second).sort()).toEqual(["a1", "mine"]);
  await pull([check("a1", 2, "u1", "2026-11-18", true), check("a2", 3, "u1", "2026-11-19")], 3);
  expect(ids(await queries.recordsOfKind("area_check")).sort()).toEqual(["a2", "mine"]);
});

test("a list that is read while a save completes is right afterwards", async () => {
  await pull([check("a1", 1, "u1", "2026-11-18")], 1);
  const { queries } = tablet.replica;
  const reading = queries.recordsOfKind("area_check");
  await tablet.save([{ op: "create", kind: "area_check", record: "mine", set: { unit: "u1" } }]);
  await reading;
  expect(ids(await queries.recordsOfKind("area_check")).sort()).toEqual(["a1", "mine"]);
});

test("another tab hears of a save", async () => {
  const other = await otherTab();
  expect(await other.queries.recordsOfKind("area_check")).toEqual([]);
  const heard = new Promise<void>((resolve) => {
    other.subscribe((changed) => {
      if (changed.saved) resolve();
    });
  });
  await tablet.save([{ op: "create", kind: "area_check", record: "mine", set: { unit: "u1" } }]);
  await heard;
  expect(ids(await other.queries.recordsOfKind("area_check"))).toEqual(["mine"]);
  other.close();
});

test("watch answers now and after each change that concerns it, and not after its end", async () => {
  const seen: number[] = [];
  const { queries } = tablet.replica;
  const next = () => new Promise((resolve) => setTimeout(resolve, 20));
  const stop = queries.watch(
    ["area_check"],
    async () => (await queries.recordsOfKind("area_check")).length,
    (count) => seen.push(count),
  );
  await next();
  await tablet.save([{ op: "create", kind: "finding", set: { note: "no concern" } }]);
  await next();
  expect(seen).toEqual([0]);
  await tablet.save([{ op: "create", kind: "area_check", set: { unit: "u1" } }]);
  await next();
  expect(seen).toEqual([0, 1]);
  stop();
  await tablet.save([{ op: "create", kind: "area_check", set: { unit: "u1" } }]);
  await next();
  expect(seen).toEqual([0, 1]);
});

test("only id, kind, unit, due date and bookkeeping stand in the clear", async () => {
  await pull([check("a1", 1, "u1", "2026-11-18")], 1);
  await tablet.save([
    {
      op: "create",
      kind: "finding",
      record: "f1",
      set: { unit: "u1", due_at: "2026-11-25", note: "秘密", class: "GEN" },
    },
  ]);
  await tablet.replica.drafts.put({ id: tablet.uuid(), kind: "check", data: { note: "秘密" }, blobs: [] });
  const clear = await everyClearValue(tablet);
  expect(clear).not.toContain("秘密");
  expect(clear).not.toContain("GEN");
  expect(clear).toContain("2026-11-25");
  expect(await tablet.replica.queries.record("f1")).toMatchObject({ data: { note: "秘密" } });
});

/** All that a reader of the disk sees without unsealing: every value of every row but the sealed bytes. */
async function everyClearValue(device: Device): Promise<string> {
  const stores = ["meta", "base", "view", "outbox", "blobs", "blob_bytes", "drafts", "journal"];
  const rows = await Promise.all(stores.map((store) => onDisk(device, store)));
  return JSON.stringify(rows, (key, value) => (key === "sealed" || key === "answer" ? "" : value));
}

async function otherTab() {
  const { openReplica } = await import("./index.ts");
  return openReplica({
    server: "http://rounds.test",
    user: tablet.user,
    kinds: KINDS,
    stamp: tablet.watch.stamp,
    factory: tablet.disk,
    storage: null,
  });
}
