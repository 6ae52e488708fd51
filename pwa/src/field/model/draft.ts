import type { CheckItem } from "../../contract";

/** A check that is being made: what the store keeps as a draft at every touch (`protocol.md` section 5). */

export type ItemAnswer = "conform" | "nonconform" | "not_applicable";

/** A photo whose bytes are in the store already; `id` is that of the photo record to be. */
export interface DraftPhoto {
  id: string;
  sha256: string;
  mime: "image/jpeg" | "image/png" | "image/webp" | "image/heic";
  bytes: number;
  width: number;
  height: number;
  /** RFC 3339, raw device or camera time. */
  taken_at: string;
  source: "camera" | "file";
}

export interface DraftItem {
  result: ItemAnswer | null;
  /** RFC 3339 of the moment the result was chosen; the time of a finding. */
  answered_at: string | null;
  note: string;
  photos: readonly DraftPhoto[];
  /** Null: no such claim; text: why there is no photo, blank while it is being written. */
  no_photo_reason: string | null;
}

export interface CheckDraft {
  /** Id of the area check to be, and of the draft itself. */
  id: string;
  space: string;
  unit: string;
  post: string;
  standard_version: number;
  acting_for: string | null;
  /** RFC 3339, raw device time. */
  started_at: string;
  /** Device minus server in milliseconds, as known when the check began. */
  clock_offset_ms: number | null;
  items: Readonly<Record<string, DraftItem>>;
  remark: string;
}

const BLANK: DraftItem = { result: null, answered_at: null, note: "", photos: [], no_photo_reason: null };

export type Start = Omit<CheckDraft, "items" | "remark">;

export function startDraft(start: Start): CheckDraft {
  return { ...start, items: {}, remark: "" };
}

/** A check that was left for longer than this is taken to have been interrupted (milliseconds). */
const INTERRUPTED_AFTER = 30 * 60_000;

/**
 * The draft as it is taken up again at `now`. After an interruption the time that it has taken stays what it was
 * when it was left: nobody inspects while he is away (Q1-4.3a).
 */
export function resumed(
  draft: CheckDraft,
  savedAt: number,
  now: number,
  zoned: (ms: number) => string,
): CheckDraft {
  if (now - savedAt <= INTERRUPTED_AFTER) return draft;
  const worked = Math.max(0, savedAt - Date.parse(draft.started_at));
  return { ...draft, started_at: zoned(now - worked) };
}

export function itemOf(draft: CheckDraft, code: string): DraftItem {
  return draft.items[code] ?? BLANK;
}

/** The draft with one item changed. */
export function touch(draft: CheckDraft, code: string, part: Partial<DraftItem>): CheckDraft {
  return { ...draft, items: { ...draft.items, [code]: { ...itemOf(draft, code), ...part } } };
}

/** Chooses a result; note and photos stay, so that a slip of the finger costs nothing. */
export function choose(draft: CheckDraft, code: string, result: ItemAnswer, at: string): CheckDraft {
  return itemOf(draft, code).result === result ? draft : touch(draft, code, { result, answered_at: at });
}

/** `其余全部符合`: what has no answer yet conforms. */
export function restConform(
  draft: CheckDraft,
  items: readonly Pick<CheckItem, "code">[],
  at: string,
): CheckDraft {
  return items
    .filter(({ code }) => itemOf(draft, code).result === null)
    .reduce((next, { code }) => choose(next, code, "conform", at), draft);
}

export function addPhoto(draft: CheckDraft, code: string, photo: DraftPhoto): CheckDraft {
  const { photos } = itemOf(draft, code);
  return touch(draft, code, { photos: [...photos, photo], no_photo_reason: null });
}

export function removePhoto(draft: CheckDraft, code: string, id: string): CheckDraft {
  return touch(draft, code, { photos: itemOf(draft, code).photos.filter((photo) => photo.id !== id) });
}

/** Puts a removed photo back where it was. */
export function restorePhoto(draft: CheckDraft, code: string, photo: DraftPhoto, at: number): CheckDraft {
  return touch(draft, code, { photos: itemOf(draft, code).photos.toSpliced(at, 0, photo) });
}

export function answered(draft: CheckDraft, items: readonly Pick<CheckItem, "code">[]): number {
  return items.filter(({ code }) => itemOf(draft, code).result !== null).length;
}

/** Bytes that the draft holds, by sha256. */
export function blobsOf(draft: CheckDraft): string[] {
  return [...new Set(Object.values(draft.items).flatMap(({ photos }) => photos.map(({ sha256 }) => sha256)))];
}

/** Is anything there that would be a pity to lose? */
export function isTouched(draft: CheckDraft): boolean {
  return Object.values(draft.items).some(
    (item) => item.result !== null || item.photos.length > 0 || item.note !== "",
  );
}
