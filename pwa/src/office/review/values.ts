// Values of any unit of any kind in words, and where they differ. Pure: words and names are handed in.
import { type Field, SHAPES, type Shape } from "../../contract/shapes.ts";

/** What is needed to speak of values: texts by key, names by id, dates as people here write them. */
export interface Speech {
  word(key: string, named?: Record<string, unknown>): string;
  has(key: string): boolean;
  name(id: string): string | null;
  role(code: string): string;
  moment(text: string): string;
  day(text: string): string;
}

export interface Part {
  readonly text: string;
  /** Not the same on every side. */
  readonly differs: boolean;
}

/** One field of a unit on one side; a list has a part for each element. */
export interface Line {
  readonly field: string;
  readonly label: string;
  readonly parts: readonly Part[];
  readonly differs: boolean;
}

/** The whole record as a unit: whether it is deleted. */
export const WHOLE = "*";
// Of no interest to people unless they are what differs.
const TECHNICAL = new Set(["class_table_version", "acknowledgement", "device_signature", "snapshot"]);
const SAME_CODES: Record<string, string> = { proposed_class: "class", not_for: "class" };
const ANY: Field = { type: "any", required: false };

/** The form of a field; of one that the contract does not know: anything. */
export function shapeOf(kind: string, field: string): Field {
  if (field === "deleted") return { type: "flag", required: true };
  return SHAPES[kind]?.[field] ?? ANY;
}

/** Equal for people: key order, and missing, null or an empty list, make no difference. */
export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

function plain(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(plain);
  if (typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([, one]) => plain(one) !== null);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, plain(one)]),
  );
}

/** A field of a unit's value: of a group by name, else the value itself; nothing where the record is deleted. */
export function fieldOf(unit: string, fields: readonly string[], field: string, value: unknown): unknown {
  if (unit !== WHOLE && fields.length === 1 && fields[0] === unit) return value;
  return (value as Record<string, unknown> | null | undefined)?.[field] ?? null;
}

/** Fields of a unit whose values are not the same on all these sides. */
export function differing(unit: string, fields: readonly string[], values: readonly unknown[]): Set<string> {
  const differ = (field: string) => {
    const [first, ...others] = values.map((value) => fieldOf(unit, fields, field, value));
    return others.some((other) => !same(first, other));
  };
  return new Set(fields.filter(differ));
}

function codeWords(speech: Speech, kind: string, field: string, code: string): string {
  if (field === "role") return speech.role(code);
  const groups = [`${kind}_${field}`, SAME_CODES[field] ?? field];
  const key = groups.map((group) => `office.code.${group}.${code}`).find((one) => speech.has(one));
  return key ? speech.word(key) : code;
}

function emptyWords(speech: Speech, field: string): string {
  const key = `office.code.${field}.none`;
  return speech.word(speech.has(key) ? key : "office.review.empty");
}

function structWords(speech: Speech, kind: string, fields: Readonly<Record<string, Field>>, value: object) {
  return Object.entries(value)
    .filter(([, one]) => plain(one) !== null)
    .map(([name, one]) =>
      speech.word("office.review.named", {
        name: fieldWords(speech, name),
        value: valueWords(speech, kind, name, fields[name] ?? ANY, one),
      }),
    )
    .join(speech.word("office.review.semicolon"));
}

/** A value in words; never a raw code. */
export function valueWords(
  speech: Speech,
  kind: string,
  field: string,
  shape: Shape,
  value: unknown,
): string {
  if (plain(value) === null || value === "") return emptyWords(speech, field);
  if (shape.type === "code") return codeWords(speech, kind, field, String(value));
  if (shape.type === "flag") {
    const own = `office.code.${field}.${value}`;
    return speech.word(speech.has(own) ? own : `office.code.flag.${value}`);
  }
  if (shape.type === "instant") return speech.moment(String(value));
  if (shape.type === "day") return speech.day(String(value));
  if (shape.type === "id")
    return speech.name(String(value)) ?? speech.word("office.review.record", { id: String(value).slice(-6) });
  if (shape.type === "list")
    return partsOf(speech, kind, field, shape, value)
      .map((part) => part.text)
      .join(speech.word("office.review.and"));
  if (shape.type === "struct") return structWords(speech, kind, shape.fields, value as object);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A list's elements, each in words; an element `{id, value}` by its value. */
function partsOf(
  speech: Speech,
  kind: string,
  field: string,
  shape: Shape & { type: "list" },
  value: unknown,
): Part[] {
  const of = elementShape(shape);
  return ((value as unknown[] | null) ?? []).map((one, index) => {
    // The pictures themselves stand below; their ids say nothing to anybody.
    if (field === "photos")
      return { text: speech.word("office.review.photoNumber", { number: index + 1 }), differs: false };
    const inner = of === null ? one : (one as { value: unknown }).value;
    return { text: valueWords(speech, kind, field, of ?? shape.of, inner), differs: false };
  });
}

/** The form of what a list of elements `{id, value}` holds; null if it holds plain values. */
export function elementShape(shape: Shape): Shape | null {
  if (shape.type !== "list" || shape.of.type !== "struct") return null;
  const { id, value } = shape.of.fields;
  return id !== undefined && value !== undefined ? value : null;
}

/** What a field is called. */
export function fieldWords(speech: Speech, field: string): string {
  const key = `office.field.${field}`;
  return speech.has(key) ? speech.word(key) : field;
}

/** What a unit of merge is called: a group by its own name, else as its field. */
export function unitWords(speech: Speech, unit: string): string {
  if (unit === WHOLE) return speech.word("office.group.whole");
  const key = `office.group.${unit}`;
  return speech.has(key) ? speech.word(key) : fieldWords(speech, unit);
}

/** One side's value, field by field; `all`: the values of every side that competes, to see what differs. */
export function linesOf(
  speech: Speech,
  kind: string,
  unit: string,
  fields: readonly string[],
  value: unknown,
  all: readonly unknown[],
): Line[] {
  const differ = differing(unit, fields, all);
  const shown = fields.filter((field) => !TECHNICAL.has(field) || differ.has(field));
  return shown.map((field) => {
    const mine = fieldOf(unit, fields, field, value);
    const others = all.map((one) => fieldOf(unit, fields, field, one));
    return {
      field,
      label: fieldWords(speech, field),
      differs: differ.has(field),
      parts: linePartsOf(speech, kind, field, mine, others),
    };
  });
}

function linePartsOf(
  speech: Speech,
  kind: string,
  field: string,
  mine: unknown,
  others: readonly unknown[],
): Part[] {
  const shape = shapeOf(kind, field);
  if (shape.type !== "list" || !Array.isArray(mine) || mine.length === 0) {
    const differs = others.some((other) => !same(other, mine));
    return [{ text: valueWords(speech, kind, field, shape, mine), differs }];
  }
  const missing = (element: unknown) =>
    others.some((other) => !((other as unknown[] | null) ?? []).some((one) => same(one, element)));
  return partsOf(speech, kind, field, shape, mine).map((part, index) => ({
    ...part,
    differs: missing(mine[index]),
  }));
}

/** Ids of photos that a value names, in order. */
export function photosIn(kind: string, fields: readonly string[], unit: string, value: unknown): string[] {
  const found: string[] = [];
  const collect = (one: unknown): void => {
    if (Array.isArray(one)) one.forEach(collect);
    else if (typeof one === "string") found.push(one);
    else if (one !== null && typeof one === "object") collect(Object.values(one));
  };
  for (const field of fields) {
    const own = fieldOf(unit, fields, field, value);
    if (field === "photos") collect(own);
    else if (kind === "finding" && field === "corrections")
      for (const entry of (own as Array<{ value?: { photos?: unknown } }> | null) ?? [])
        collect(entry.value?.photos);
  }
  return [...new Set(found)];
}
