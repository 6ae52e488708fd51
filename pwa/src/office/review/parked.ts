// What is parked, in readable form: what it is about, and its changes field by field. Pure.
import type { ParkedAnswer } from "../../contract/index.ts";
import { type Line, linesOf, type Speech } from "./values.ts";

export type ParkedRow = ParkedAnswer["parked"][number];

/** A commit's change as far as it can be read; anything may be missing of what was not even well formed. */
interface RawChange {
  readonly op?: unknown;
  readonly kind?: unknown;
  readonly record?: unknown;
  readonly set?: unknown;
  readonly add?: unknown;
  readonly remove?: unknown;
}

export interface ReadChange {
  readonly op: "create" | "patch" | "delete";
  readonly kind: string;
  readonly record: string;
  readonly set: Readonly<Record<string, unknown>>;
  readonly add: Readonly<Record<string, ReadonlyArray<{ id: string; value: unknown }>>>;
  readonly removed: number;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === "object" && !Array.isArray(value);

/** The changes of a commit, as far as they can be read. */
export function changesOf(commit: unknown): ReadChange[] {
  const changes = isObject(commit) && Array.isArray(commit.changes) ? commit.changes : [];
  return changes.filter(isObject).flatMap((raw: RawChange) => {
    if (typeof raw.kind !== "string" || typeof raw.record !== "string") return [];
    const op = raw.op === "create" || raw.op === "delete" ? raw.op : "patch";
    const removed = isObject(raw.remove) ? Object.values(raw.remove).flat().length : 0;
    const add = isObject(raw.add) ? (raw.add as ReadChange["add"]) : {};
    return [{ op, kind: raw.kind, record: raw.record, set: isObject(raw.set) ? raw.set : {}, add, removed }];
  });
}

/** When a commit was made, if it says so. */
export function madeAt(commit: unknown): string | null {
  const made = isObject(commit) ? commit.made_at : null;
  return typeof made === "string" && !Number.isNaN(Date.parse(made)) ? made : null;
}

export type ParkedKind =
  | "check"
  | "evaluation"
  | "signature"
  | "correction"
  | "verification"
  | "finding"
  | "other"
  | "unreadable";

/** What a commit is about, by its most telling change. */
export function kindOf(changes: readonly ReadChange[]): ParkedKind {
  const has = (kind: string) => changes.some((change) => change.kind === kind);
  if (changes.length === 0) return "unreadable";
  if (has("area_check")) return "check";
  if (has("signature")) return "signature";
  const findings = changes.filter((change) => change.kind === "finding");
  if (findings.length === 0) return "other";
  if (findings.some(({ add }) => add.verifications)) return "verification";
  if (findings.some(({ add }) => add.corrections)) return "correction";
  return findings.some(({ op, set }) => op === "patch" && "attribution" in set) ? "evaluation" : "finding";
}

/** The unit or record that a commit is best known by: what a check is of, else what is changed. */
export function placeOf(changes: readonly ReadChange[]): string | null {
  const telling = ["area_check", "signature", "finding"].flatMap((kind) =>
    changes.filter((change) => change.kind === kind),
  );
  for (const change of [...telling, ...changes]) {
    if (typeof change.set.unit === "string") return change.set.unit;
    if (typeof change.set.post === "string") return change.set.post;
  }
  return changes[0]?.record ?? null;
}

/** A change's fields in words; what is added to a list stands beside what is set. */
export function changeLines(speech: Speech, change: ReadChange): Line[] {
  const value = { ...change.set, ...change.add };
  const fields = Object.keys(value).filter((field) => value[field as keyof typeof value] !== null);
  // As a group of its own, whatever the units: every field is named.
  return linesOf(speech, change.kind, "", fields, value, [value]);
}

export interface Group {
  readonly device: string;
  readonly name: string;
  readonly rows: ParkedRow[];
}

/** What is quarantined, by device, and the rest. */
export function grouped(rows: readonly ParkedRow[]): { groups: Group[]; others: ParkedRow[] } {
  const groups = new Map<string, Group>();
  const others: ParkedRow[] = [];
  for (const row of rows) {
    if (row.reason.code !== "quarantine") {
      others.push(row);
      continue;
    }
    const group = groups.get(row.device) ?? { device: row.device, name: row.device_name ?? "", rows: [] };
    group.rows.push(row);
    groups.set(row.device, group);
  }
  for (const group of groups.values())
    group.rows.sort((a, b) => a.user.localeCompare(b.user) || (a.n ?? 0) - (b.n ?? 0));
  return { groups: [...groups.values()], others };
}
