// What the desk shows of a conflict: its sides with people, devices and times, and how it may end.
import type { ConflictAnswer, ConflictList } from "../../contract/index.ts";
import { KINDS } from "../../contract/index.ts";
import { elementShape, shapeOf, WHOLE } from "./values.ts";

export type ConflictRow = ConflictList["conflicts"][number];
export type Side = ConflictAnswer["current"];

/** Device clock off by more than this is shown as worth a look (`protocol.md` section 7). */
const SKEWED_SECONDS = 300;

/** By how much a side's time was corrected, in whole seconds: corrected minus raw. Null if it is not known. */
export function correctionOf(side: Side): number | null {
  if (!side.made_at || !side.corrected_at) return null;
  return Math.round((Date.parse(side.corrected_at) - Date.parse(side.made_at)) / 1000);
}

/** `+0 秒`, `−41 秒`, `−12 分 5 秒`; `span` writes a length of time in milliseconds. */
export function correctionWords(seconds: number, span: (ms: number) => string): string {
  return `${seconds < 0 ? "−" : "+"}${span(Math.abs(seconds) * 1000)}`;
}

export function isSkewed(side: Side): boolean {
  const seconds = correctionOf(side);
  return seconds !== null && Math.abs(seconds) > SKEWED_SECONDS;
}

/** The sides that compete: the current one first, then the rivals in order of arrival. */
export function competing(answer: ConflictAnswer): Side[] {
  return [answer.current, ...answer.rivals];
}

type Photo = ConflictAnswer["photos"][number];

/**
 * Which photos stand in the card of which side, by its change: those that its value names; where no value names any,
 * those that its author took, if he has one side only. `rest`: what belongs to no side alone.
 */
export function photosBySide(
  sides: readonly Side[],
  photos: readonly Photo[],
  named: (side: Side) => readonly string[],
): { of: Map<string, Photo[]>; rest: Photo[] } {
  const byValue = sides.some((side) => named(side).length > 0);
  const alone = (side: Side) => sides.filter((one) => one.author?.id === side.author?.id).length === 1;
  const belongs = (side: Side) => (photo: Photo) =>
    byValue ? named(side).includes(photo.id) : alone(side) && photo.author.id === side.author?.id;
  const of = new Map(sides.map((side) => [side.change, photos.filter(belongs(side))]));
  const placed = new Set([...of.values()].flat());
  return { of, rest: byValue ? [] : photos.filter((photo) => !placed.has(photo)) };
}

/** Fields of the unit that the desk lets somebody enter; null: only a value that is there may be chosen. */
export function editable(answer: ConflictAnswer): string[] | null {
  const { record_kind: kind, unit } = answer.row;
  if (unit === WHOLE) return null;
  const fields = answer.fields.filter((field) => field !== "class_table_version");
  const enterable = (field: string) => {
    const shape = shapeOf(kind, field);
    if (shape.type === "list") return elementShape(shape) !== null || shape.of.type === "text";
    return shape.type !== "struct" && shape.type !== "any";
  };
  return fields.every(enterable) ? fields : null;
}

/** The policy of the unit as the contract says it; the whole record has the one of deletions. */
export function policyOf(answer: ConflictAnswer): string {
  if (answer.row.unit === WHOLE) return "delete";
  const spec = KINDS[answer.row.record_kind as keyof typeof KINDS];
  return spec?.units[answer.row.unit]?.policy ?? "review";
}

/** A row is found by what a reviewer may know of it. */
export function matches(row: ConflictRow, unitName: string, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return true;
  const parts = [unitName, row.description, row.item, row.item_name, row.item_name_en];
  for (const place of [row.post, row.area]) parts.push(place?.code, place?.name, place?.name_en);
  parts.push(...row.people.map((person) => person.name), row.decided_by?.name);
  return parts.some((part) => part?.toLowerCase().includes(wanted));
}
