import type { AreaCheck, CheckItem, Finding, Inspection, Photo } from "../../contract";
import type { Creation } from "../../sync";
import { blobsOf, type CheckDraft, type DraftItem, itemOf } from "./draft";
import type { Records } from "./records";

/** What completing a check needs besides the draft; times RFC 3339, all made by the caller. */
export interface Completing {
  draft: CheckDraft;
  /** The unit's items in their order. */
  items: readonly CheckItem[];
  /** Person id of whoever checks. */
  inspector: string;
  /** Day that the check belongs to, by the shift of its post (Q1-4.4e). */
  businessDate: string;
  /** This inspector's visit of that day in this space; null: it begins with this check. */
  inspection: string | null;
  endedAt: string;
  uuid: () => string;
}

export type Result = AreaCheck["results"][number];

/** The result lines of a draft, for the record and for judging whether it is complete; unanswered items are left out. */
export function resultsOf(draft: CheckDraft, items: readonly Pick<CheckItem, "code">[]): Result[] {
  return items.flatMap(({ code }) => {
    const item = itemOf(draft, code);
    if (item.result === null) return [];
    const failed = item.result === "nonconform";
    const line: Result = { item: code, result: item.result };
    if (failed && item.note.trim() !== "") line.note = item.note.trim();
    const photos = photosOf(item);
    if (photos.length > 0) line.photos = photos.map(({ id }) => id);
    const reason = item.no_photo_reason?.trim() ?? "";
    if (photos.length === 0 && reason !== "" && item.result !== "not_applicable")
      line.no_photo_reason = reason;
    return [line];
  });
}

/** Photos of an item that does not apply show nothing; the others go along. */
function photosOf(item: DraftItem) {
  return item.result === "not_applicable" ? [] : item.photos;
}

/** The visit that this inspector has begun on that day in that space, else null (Q1-1.1a). */
export function visitOf(
  visits: Records<Inspection>,
  space: string,
  inspector: string,
  day: string,
): string | null {
  const mine = visits.filter(
    (visit) =>
      visit.space === space &&
      visit.data.inspector === inspector &&
      visit.data.business_date === day &&
      visit.data.level === "daily" &&
      visit.data.state === "in_progress",
  );
  return mine.map(({ id }) => id).sort()[0] ?? null;
}

/**
 * One act: the visit if it begins now, the check with all its results, its photos, and a finding for each item that
 * fails (Q1-4.4n), in the order in which they refer to each other.
 */
export function completeCheck(facts: Completing): { edits: Creation[]; blobs: string[]; inspection: string } {
  const inspection = facts.inspection ?? facts.uuid();
  const edits: Creation[] = facts.inspection === null ? [visit(facts, inspection)] : [];
  edits.push({ op: "create", kind: "area_check", record: facts.draft.id, set: areaCheck(facts, inspection) });
  for (const { code } of facts.items) {
    for (const photo of photosOf(itemOf(facts.draft, code))) {
      const { id, ...taken } = photo;
      const set: Photo = {
        ...taken,
        ...offset(facts.draft),
        author: facts.inspector,
        unit: facts.draft.unit,
        check: facts.draft.id,
        item: code,
      };
      edits.push({ op: "create", kind: "photo", record: id, set });
    }
  }
  const failed = facts.items.filter(({ code }) => itemOf(facts.draft, code).result === "nonconform");
  for (const item of failed) edits.push(finding(facts, item));
  const shown = new Set(
    facts.items.flatMap(({ code }) => photosOf(itemOf(facts.draft, code))).map((p) => p.sha256),
  );
  return { edits, blobs: blobsOf(facts.draft).filter((sha256) => shown.has(sha256)), inspection };
}

function offset(draft: CheckDraft): { clock_offset_ms?: number } {
  return draft.clock_offset_ms === null ? {} : { clock_offset_ms: draft.clock_offset_ms };
}

function visit({ draft, inspector, businessDate }: Completing, record: string): Creation {
  const set: Inspection = {
    level: "daily",
    inspector,
    business_date: businessDate,
    unplanned: false,
    started_at: draft.started_at,
    state: "in_progress",
  };
  return { op: "create", kind: "inspection", record, set };
}

function areaCheck(
  { draft, items, inspector, businessDate, endedAt }: Completing,
  inspection: string,
): AreaCheck {
  const results = resultsOf(draft, items);
  return {
    inspection,
    unit: draft.unit,
    post: draft.post,
    level: "daily",
    inspector,
    ...(draft.acting_for === null ? {} : { acting_for: draft.acting_for }),
    business_date: businessDate,
    standard_version: draft.standard_version,
    started_at: draft.started_at,
    ended_at: endedAt,
    ...offset(draft),
    results,
    result: results.some(({ result }) => result === "nonconform") ? "nonconform" : "conform",
    ...(draft.remark.trim() === "" ? {} : { remark: draft.remark.trim() }),
  };
}

function finding({ draft, inspector, endedAt, uuid }: Completing, item: CheckItem): Creation {
  const { note, photos, no_photo_reason, answered_at } = itemOf(draft, item.code);
  const reason = no_photo_reason?.trim() ?? "";
  const set: Omit<Finding, "photos"> = {
    check: draft.id,
    unit: draft.unit,
    post: draft.post,
    level: "daily",
    item: item.code,
    standard_version: draft.standard_version,
    found_by: inspector,
    found_at: answered_at ?? endedAt,
    description: note.trim(),
    ...(photos.length === 0 && reason !== "" ? { no_photo_reason: reason } : {}),
    proposed_class: item.proposed_class,
    state: "open",
  };
  const add = photos.length === 0 ? {} : { add: { photos: photos.map(({ id }) => ({ value: id })) } };
  return { op: "create", kind: "finding", record: uuid(), set, ...add };
}
