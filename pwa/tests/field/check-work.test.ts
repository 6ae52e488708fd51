import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AreaCheck, CheckItem, Finding, Inspection } from "../../src/contract";
import { CheckWork } from "../../src/field/check/useCheck";
import { addPhoto, choose, type DraftPhoto, restConform, touch } from "../../src/field/model/draft";
import { type RoundUnit, roundOf } from "../../src/field/model/round";
import { readRound } from "../../src/field/readRound";
import type { Tablet } from "../../src/field/tablet";
import { StorageFull } from "../../src/store";
import { zoned } from "../../src/sync/clock";
import { deviceAt, pull } from "./device";
import { at, check, LEAD, project } from "./people";

const START = at("2026-11-23T09:12:00");
const CODES = ["CL-01", "CL-04"];
const ITEMS = CODES.map(
  (code, order): CheckItem => ({
    version: 1,
    code,
    discipline: "CL",
    order,
    name: code,
    criterion: "无垃圾",
    methods: ["V"],
    weight: 3,
    photo_rule: "F",
    proposed_class: "MIN",
  }),
);

let tablet: Awaited<ReturnType<typeof deviceAt>>;
beforeEach(async () => {
  vi.useFakeTimers({ now: START, toFake: ["Date"] });
  tablet = await deviceAt(() => Date.now());
  await pull(tablet.replica, project());
});
afterEach(async () => {
  await tablet.close();
  vi.useRealTimers();
});

async function unitOf(device: Tablet, id: string): Promise<RoundUnit> {
  const now = Date.now();
  const records = await readRound(device.replica, LEAD, now);
  const unit = roundOf({ records, user: LEAD, now }).units.find((one) => one.id === id);
  if (unit === undefined) throw new Error(`${id} is not in the round`);
  return unit;
}

async function begin(device: Tablet, id = "P029-A1") {
  const unit = await unitOf(device, id);
  const work = new CheckWork(device);
  await work.open(unit, () => 1);
  return { unit, work };
}

const allConform = (work: CheckWork) => work.change((now) => restConform(now, ITEMS, zoned(Date.now())));
const kept = (work: CheckWork) => vi.waitFor(() => expect(work.savedAt.value).not.toBeNull());

async function photoOf(device: Tablet, text: string): Promise<DraftPhoto> {
  const { sha256, size } = await device.replica.blobs.put(new Blob([text], { type: "image/jpeg" }));
  return {
    id: `0193000e-0000-7000-8000-${text.padEnd(12, "0")}`,
    sha256,
    mime: "image/jpeg",
    bytes: size,
    width: 4,
    height: 3,
    taken_at: zoned(Date.now()),
    source: "camera",
  };
}

describe("a check under way", () => {
  it("is kept at every touch and taken up again after the page is gone (X-02)", async () => {
    const { unit, work } = await begin(tablet);
    work.change((now) => choose(now, "CL-04", "nonconform", zoned(Date.now())));
    work.change((now) => touch(now, "CL-04", { note: "顶角蛛网" }));
    expect(work.keeping.value).toBe(2);
    await vi.waitFor(() => expect(work.keeping.value).toBe(0));
    expect((await tablet.replica.drafts.list("check"))[0]?.data).toEqual(work.draft.value);

    const again = new CheckWork(tablet);
    await again.open(unit, () => 2);
    expect(again.draft.value).toEqual(work.draft.value);
    expect(again.draft.value?.standard_version).toBe(1);
    expect((await unitOf(tablet, "P029-A1")).draftAt).toBe(START);
  });

  it("leaves no trace while nothing was touched", async () => {
    await begin(tablet);
    expect(await tablet.replica.drafts.list()).toEqual([]);
  });

  it("goes with its photos when it is given up", async () => {
    const { work } = await begin(tablet);
    const photo = await photoOf(tablet, "aa");
    work.change((now) => addPhoto(now, "CL-04", photo));
    await kept(work);
    await work.discard();
    expect(await tablet.replica.drafts.list()).toEqual([]);
    expect(await tablet.replica.blobs.list()).toEqual([]);
  });
});

describe("completing", () => {
  it("is one commit that ends the draft, and the unit is covered at once", async () => {
    const { unit, work } = await begin(tablet);
    vi.setSystemTime(START + 5 * 60_000);
    const photo = await photoOf(tablet, "bb");
    work.change((now) => choose(now, "CL-04", "nonconform", zoned(Date.now())));
    work.change((now) => addPhoto(touch(now, "CL-04", { note: "积水" }), "CL-04", photo));
    allConform(work);
    expect(work.missing(ITEMS)).toEqual([]);
    expect(await work.complete(unit, ITEMS)).toBe(true);

    const [commit, ...others] = await tablet.replica.outbox.list(["pending"]);
    expect(others).toEqual([]);
    expect(commit?.commit.changes.map(({ kind }) => kind)).toEqual([
      "inspection",
      "area_check",
      "photo",
      "finding",
    ]);
    expect(await tablet.replica.drafts.list()).toEqual([]);
    expect((await tablet.replica.blobs.info(photo.sha256))?.commits).toEqual([commit?.id]);
    const [finding] = await tablet.replica.queries.byUnit<Finding>("finding", "P029-A1");
    expect(finding?.data).toMatchObject({ description: "积水", state: "open", found_by: LEAD });
    expect(await unitOf(tablet, "P029-A1")).toMatchObject({
      group: "covered_today",
      openFindings: 1,
      draftAt: null,
    });
  });

  it("names what is missing and saves nothing of it", async () => {
    const { work } = await begin(tablet);
    work.change((now) => choose(now, "CL-04", "nonconform", zoned(Date.now())));
    expect(work.missing(ITEMS).map(({ item, code }) => [item, code])).toEqual([
      ["CL-01", "result_missing"],
      ["CL-04", "note_missing"],
      ["CL-04", "photo_missing"],
    ]);
  });

  it("puts the second check of the day into the same visit, the next day's into a new one", async () => {
    for (const [id, day] of [
      ["P029-A1", 0],
      ["P029-A2", 0],
      ["P030", 1],
    ] as const) {
      vi.setSystemTime(START + day * 24 * 3600_000);
      const { unit, work } = await begin(tablet, id);
      allConform(work);
      expect(await work.complete(unit, ITEMS)).toBe(true);
    }
    const visits = await tablet.replica.queries.recordsOfKind<Inspection>("inspection");
    expect(visits.map(({ data }) => data.business_date).sort()).toEqual(["2026-11-23", "2026-11-24"]);
    const checks = await tablet.replica.queries.recordsOfKind<AreaCheck>("area_check");
    const perVisit = visits.map(({ id }) => checks.filter(({ data }) => data.inspection === id).length);
    expect(perVisit.sort()).toEqual([1, 2]);
  });

  it("made once however often the button is pressed", async () => {
    const { unit, work } = await begin(tablet);
    allConform(work);
    const answers = await Promise.all([work.complete(unit, ITEMS), work.complete(unit, ITEMS)]);
    expect(answers.sort()).toEqual([false, true]);
    expect(await tablet.replica.outbox.list(["pending"])).toHaveLength(1);
  });

  it("keeps the draft when the device is full, and says so", async () => {
    const { unit, work } = await begin(tablet);
    allConform(work);
    await kept(work);
    vi.spyOn(tablet.replica, "save").mockRejectedValueOnce(new StorageFull());
    expect(await work.complete(unit, ITEMS)).toBe(false);
    expect(work.problem.value).toBe("storage_full");
    expect(await tablet.replica.outbox.list(["pending"])).toEqual([]);
    expect(await tablet.replica.drafts.list("check")).toHaveLength(1);
    expect(await work.complete(unit, ITEMS)).toBe(true);
  });
});

describe("reading the round", () => {
  it("takes the last check of each unit, and the one before today's to know what was due", async () => {
    await tablet.close();
    tablet = await deviceAt(() => Date.now());
    const checks = [
      check("a1", "P029", { business_date: "2026-11-16" }),
      check("a2", "P029", { business_date: "2026-11-17" }),
      check("b1", "P030", { business_date: "2026-11-18" }),
      check("b2", "P030", { business_date: "2026-11-23" }),
    ];
    await pull(tablet.replica, project({ checks }));
    const records = await readRound(tablet.replica, LEAD, START);
    expect(records.checks.map(({ id }) => id).sort()).toEqual(["a2", "b1", "b2"]);
    const { summary, units } = roundOf({ records, user: LEAD, now: START });
    // P029 is overdue, P030 was due today and is done; the three areas were never checked and are overdue.
    expect(summary).toMatchObject({ dueToday: 5, dueDone: 1 });
    expect(units.find(({ id }) => id === "P030")?.group).toBe("covered_today");
  });
});
