/** Items of a unit, and is a check complete: twin of `server/rules/completeness.py` (Q1-4.4g, Q1-4.4q). */

import type { AreaCheck, CheckItem, PostType } from "../contract/index.ts";

export type Result = AreaCheck["results"][number]["result"];
export type PhotoRule = CheckItem["photo_rule"];

export type ProblemCode =
  | "time_missing"
  | "result_missing"
  | "note_missing"
  | "photo_missing"
  | "unknown_item"
  | "duplicate_item";

/** What keeps a check a draft; `item` is null when it is not about one item. */
export interface Problem {
  readonly code: ProblemCode;
  readonly item: string | null;
}

export interface ItemRule {
  readonly code: string;
  readonly photo_rule: PhotoRule;
  readonly required?: boolean;
}

/** A result on its way; `result` is null until it is chosen. */
export interface ResultDraft {
  readonly item: string;
  readonly result: Result | null;
  readonly note?: string | null;
  readonly photos?: readonly string[] | null;
  readonly no_photo_reason?: string | null;
}

export interface UnitKind {
  readonly area: string | null;
  readonly post_type: string;
  readonly certificates: boolean;
  readonly items_off?: readonly string[] | null;
}

const PERSONAL = "GM";
const CERTIFICATES = "GM-10";

/** The items that apply to one unit, in the order of the standard (domain 8). */
export function unitItems<Item extends Pick<CheckItem, "code" | "discipline" | "order">>(
  items: readonly Item[],
  postTypes: readonly Pick<PostType, "code" | "items">[],
  unit: UnitKind,
): Item[] {
  const ordered = [...items].sort((a, b) => a.order - b.order);
  if (unit.area === null) {
    return ordered.filter(
      (item) => item.discipline === PERSONAL && (item.code !== CERTIFICATES || unit.certificates),
    );
  }
  const taken = new Set(postTypes.filter((row) => row.code === unit.post_type).flatMap((row) => row.items));
  for (const code of unit.items_off ?? []) {
    taken.delete(code);
  }
  return ordered.filter((item) => taken.has(item.code));
}

/** What is missing before the check counts; empty: complete. Times first, then the items, then strangers. */
export function problems(
  items: readonly ItemRule[],
  results: readonly ResultDraft[],
  startedAt: unknown,
  endedAt: unknown,
): Problem[] {
  const found: Problem[] = startedAt && endedAt ? [] : [{ code: "time_missing", item: null }];
  const codes = new Set(items.map((item) => item.code));
  const byItem = new Map<string, ResultDraft>();
  const strangers: Problem[] = [];
  for (const result of results) {
    if (!codes.has(result.item)) {
      strangers.push({ code: "unknown_item", item: result.item });
    } else if (byItem.has(result.item)) {
      strangers.push({ code: "duplicate_item", item: result.item });
    } else {
      byItem.set(result.item, result);
    }
  }
  return [...found, ...items.flatMap((item) => itemProblems(item, byItem.get(item.code))), ...strangers];
}

/** What is missing for one item, for instance to say so beside it. */
export function itemProblems(item: ItemRule, result: ResultDraft | undefined): Problem[] {
  if (!result || result.result === null) {
    return item.required === false ? [] : [{ code: "result_missing", item: item.code }];
  }
  const found: Problem[] = [];
  if (result.result === "nonconform" && isBlank(result.note)) {
    found.push({ code: "note_missing", item: item.code });
  }
  const shown = (result.photos?.length ?? 0) > 0 || !isBlank(result.no_photo_reason);
  if (!shown && needsPhoto(item.photo_rule, result.result)) {
    found.push({ code: "photo_missing", item: item.code });
  }
  return found;
}

/** Does this result want a photo? A: always, unless the item does not apply; F: on failure; N: none. */
export function needsPhoto(photoRule: PhotoRule, result: Result): boolean {
  return (photoRule === "A" && result !== "not_applicable") || (photoRule === "F" && result === "nonconform");
}

function isBlank(text: string | null | undefined): boolean {
  return !text?.trim();
}
