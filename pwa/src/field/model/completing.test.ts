import { describe, expect, it } from "vitest";
import { LEAD, view } from "../../../tests/field/people";
import { type CheckItem, KINDS } from "../../contract";
import { problems } from "../../rules";
import { makeCommit } from "../../sync/commit";
import { completeCheck, resultsOf, visitOf } from "./completing";
import {
  addPhoto,
  choose,
  type DraftPhoto,
  removePhoto,
  restConform,
  restorePhoto,
  startDraft,
  touch,
} from "./draft";

const AT = "2026-11-23T09:05:00+08:00";
const item = (code: string, part: Partial<CheckItem> = {}): CheckItem => ({
  version: 1,
  code,
  discipline: "CL",
  order: Number(code.slice(3)),
  name: code,
  criterion: "无垃圾",
  methods: ["V"],
  weight: 3,
  photo_rule: "F",
  proposed_class: "MIN",
  ...part,
});
const ITEMS = [item("CL-01"), item("CL-04", { proposed_class: "GEN" }), item("CL-12", { photo_rule: "A" })];
const photo = (n: number): DraftPhoto => ({
  id: `photo-${n}`,
  sha256: String(n).repeat(64),
  mime: "image/jpeg",
  bytes: 1000 + n,
  width: 1600,
  height: 1200,
  taken_at: AT,
  source: "camera",
});
const begun = () =>
  startDraft({
    id: "check-1",
    space: "qyl",
    unit: "P029-A1",
    post: "P029",
    standard_version: 1,
    acting_for: null,
    started_at: "2026-11-23T09:01:00+08:00",
    clock_offset_ms: -1400,
  });
const counter = () => {
  let n = 0;
  return () => `id-${++n}`;
};
const complete = (draft: ReturnType<typeof begun>, inspection: string | null = null) =>
  completeCheck({
    draft,
    items: ITEMS,
    inspector: LEAD,
    businessDate: "2026-11-23",
    inspection,
    endedAt: "2026-11-23T09:06:00+08:00",
    uuid: counter(),
  });

/** CL-01 conforms, CL-04 fails with note and photo, CL-12 conforms with its photo. */
const full = () => {
  let draft = choose(begun(), "CL-04", "nonconform", AT);
  draft = touch(draft, "CL-04", { note: "  顶角蛛网两处 " });
  draft = addPhoto(addPhoto(draft, "CL-04", photo(1)), "CL-12", photo(2));
  return restConform(draft, ITEMS, "2026-11-23T09:05:30+08:00");
};

describe("a completed check is one act", () => {
  it("begins the visit, and brings check, photos and finding in the order in which they refer to each other", () => {
    const { edits, blobs, inspection } = complete(full());
    expect(edits.map(({ kind }) => kind)).toEqual(["inspection", "area_check", "photo", "photo", "finding"]);
    expect(edits[0]).toMatchObject({
      record: inspection,
      set: {
        level: "daily",
        inspector: LEAD,
        business_date: "2026-11-23",
        state: "in_progress",
        unplanned: false,
      },
    });
    expect(edits[1]).toMatchObject({
      record: "check-1",
      set: {
        inspection,
        unit: "P029-A1",
        business_date: "2026-11-23",
        clock_offset_ms: -1400,
        result: "nonconform",
        results: [
          { item: "CL-01", result: "conform" },
          { item: "CL-04", result: "nonconform", note: "顶角蛛网两处", photos: ["photo-1"] },
          { item: "CL-12", result: "conform", photos: ["photo-2"] },
        ],
      },
    });
    expect(blobs).toEqual([photo(1).sha256, photo(2).sha256]);
  });

  it("opens a finding for each failed item, with the item's class as a proposal only (Q1-3.4.1a, Q1-4.4n)", () => {
    const finding = complete(full()).edits.at(-1);
    expect(finding).toMatchObject({
      kind: "finding",
      set: {
        check: "check-1",
        item: "CL-04",
        found_by: LEAD,
        found_at: AT,
        description: "顶角蛛网两处",
        proposed_class: "GEN",
        state: "open",
      },
      add: { photos: [{ value: "photo-1" }] },
    });
    expect(finding?.set).not.toHaveProperty("class");
    expect(finding?.set).not.toHaveProperty("photos");
  });

  it("goes into the visit that has begun already", () => {
    const { edits, inspection } = complete(full(), "visit-1");
    expect(edits.map(({ kind }) => kind)).toEqual(["area_check", "photo", "photo", "finding"]);
    expect(inspection).toBe("visit-1");
  });

  it("becomes a commit that holds nothing but creations, each named field known to the contract", () => {
    const { edits, blobs } = complete(full());
    const commit = makeCommit("qyl", edits, { kinds: KINDS, blobs, uuid: counter() });
    expect(commit.changes.every(({ op }) => op === "create")).toBe(true);
    for (const change of commit.changes) {
      const units = KINDS[change.kind as keyof typeof KINDS].units;
      const fields = Object.values(units).flatMap((unit) => unit.fields);
      expect(fields).toEqual(expect.arrayContaining(Object.keys({ ...change.set, ...change.add })));
    }
  });

  it("names for whom a deputy acts", () => {
    const draft = restConform({ ...begun(), acting_for: "罗秀芬" }, ITEMS, AT);
    expect(complete(draft).edits[1]?.set).toMatchObject({ acting_for: "罗秀芬", inspector: LEAD });
    expect(complete(restConform(begun(), ITEMS, AT)).edits[1]?.set).not.toHaveProperty("acting_for");
  });

  it("leaves out photos of what does not apply", () => {
    const draft = choose(full(), "CL-04", "not_applicable", AT);
    const { edits, blobs } = complete(draft);
    expect(edits.map(({ kind }) => kind)).toEqual(["inspection", "area_check", "photo"]);
    expect(blobs).toEqual([photo(2).sha256]);
    expect(edits[1]?.set).toMatchObject({ result: "conform" });
  });

  it("writes the reason for a missing photo to the line and to the finding (Q1-4.4q)", () => {
    let draft = choose(begun(), "CL-04", "nonconform", AT);
    draft = touch(draft, "CL-04", { note: "积水", no_photo_reason: " 机房禁止拍摄 " });
    const { edits } = complete(draft);
    expect(resultsOf(draft, ITEMS)[0]).toMatchObject({ no_photo_reason: "机房禁止拍摄" });
    expect(edits.at(-1)?.set).toMatchObject({ no_photo_reason: "机房禁止拍摄" });
  });
});

describe("what is missing", () => {
  const missing = (draft: ReturnType<typeof begun>) =>
    problems(ITEMS, resultsOf(draft, ITEMS), draft.started_at, AT).map(({ code, item }) => `${item} ${code}`);

  it("is named by item", () => {
    const draft = choose(choose(begun(), "CL-04", "nonconform", AT), "CL-12", "conform", AT);
    expect(missing(draft)).toEqual([
      "CL-01 result_missing",
      "CL-04 note_missing",
      "CL-04 photo_missing",
      "CL-12 photo_missing",
    ]);
  });

  it("is nothing once every item has its answer, note and photo", () => {
    expect(missing(full())).toEqual([]);
  });

  it("a blank note is none, and a blank reason is no reason", () => {
    const draft = touch(full(), "CL-04", { note: "   ", photos: [], no_photo_reason: "  " });
    expect(missing(draft)).toEqual(["CL-04 note_missing", "CL-04 photo_missing"]);
  });
});

describe("the draft", () => {
  it("keeps note and photos when the result is changed by mistake and back", () => {
    const slip = choose(choose(full(), "CL-04", "conform", AT), "CL-04", "nonconform", AT);
    expect(slip.items["CL-04"]).toMatchObject({ note: "  顶角蛛网两处 ", photos: [photo(1)] });
  });

  it("answers with the rest only what has no answer", () => {
    expect(full().items["CL-04"]?.result).toBe("nonconform");
    expect(full().items["CL-04"]?.answered_at).toBe(AT);
  });

  it("puts a removed photo back where it was", () => {
    let draft = [1, 2, 3].reduce((next, n) => addPhoto(next, "CL-04", photo(n)), begun());
    draft = removePhoto(draft, "CL-04", "photo-2");
    expect(draft.items["CL-04"]?.photos.map(({ id }) => id)).toEqual(["photo-1", "photo-3"]);
    draft = restorePhoto(draft, "CL-04", photo(2), 1);
    expect(draft.items["CL-04"]?.photos.map(({ id }) => id)).toEqual(["photo-1", "photo-2", "photo-3"]);
  });
});

describe("the visit of the day", () => {
  const visit = (id: string, part: object = {}) =>
    view("inspection", id, {
      level: "daily" as const,
      inspector: LEAD,
      business_date: "2026-11-23",
      unplanned: false,
      started_at: AT,
      state: "in_progress" as const,
      ...part,
    });

  it("is one's own, of that day, in that space, and still open", () => {
    const visits = [
      visit("other", { inspector: "罗秀芬" }),
      visit("yesterday", { business_date: "2026-11-22" }),
      visit("voided", { state: "voided" }),
      view("inspection", "elsewhere", visit("x").data, { space: "xqgy" }),
      visit("mine"),
    ];
    expect(visitOf(visits, "qyl", LEAD, "2026-11-23")).toBe("mine");
    expect(visitOf(visits.slice(0, -1), "qyl", LEAD, "2026-11-23")).toBeNull();
  });
});
