import type { Change, Element, Kinds, PulledRecord, RecordData } from "./types";

/** A record's state while changes are laid over it; `space` beside what a pull brings. */
export interface RecordState extends PulledRecord {
  space: string;
}

/** A change of this device with the seq that the server gave it, 0 while it gave none. */
export interface LaidChange {
  change: Change;
  seq: number;
  acknowledged: boolean;
  parked: boolean;
}

/** What lies over a base, and whether anything of it is unacknowledged or parked. */
export interface Laid {
  state: RecordState;
  pending: boolean;
  parked: boolean;
}

/** The merge unit of a field; a field without a declaration is its own unit. */
export function unitOf(kinds: Kinds, kind: string, field: string): string {
  for (const [unit, { fields }] of Object.entries(kinds[kind]?.units ?? {})) {
    if (fields.includes(field)) return unit;
  }
  return field;
}

function created(change: Change, space: string): RecordState {
  return {
    kind: change.kind,
    id: change.record,
    space,
    seq: 0,
    deleted: false,
    data: {},
    created_by_change: change.id,
    last_change: change.id,
    versions: {},
    contested: [],
  };
}

function elements(value: unknown): Element[] {
  return Array.isArray(value) ? (value as Element[]) : [];
}

function withElements(data: RecordData, change: Change): RecordData {
  const next = { ...data };
  for (const [field, added] of Object.entries(change.add ?? {})) {
    const present = elements(next[field]);
    const known = new Set(present.map((element) => element.id));
    next[field] = [...present, ...added.filter((element) => !known.has(element.id))];
  }
  for (const [field, removed] of Object.entries(change.remove ?? {})) {
    next[field] = elements(next[field]).filter((element) => !removed.includes(element.id));
  }
  return next;
}

/** One change laid over `state` (null: no such record here); null where there is nothing to lay it over. */
export function applyChange(
  kinds: Kinds,
  space: string,
  state: RecordState | null,
  change: Change,
): RecordState | null {
  const creates = change.op === "create" && state === null;
  const before = creates ? created(change, space) : state;
  if (before === null) return null;
  if (change.op === "delete") return { ...before, deleted: true, last_change: change.id };
  const data = withElements({ ...before.data, ...change.set }, change);
  if (creates) return { ...before, data };
  const versions = { ...before.versions };
  const touched = [change.set, change.add, change.remove].flatMap((part) => Object.keys(part ?? {}));
  for (const field of touched) versions[unitOf(kinds, change.kind, field)] = change.id;
  return { ...before, data, versions, last_change: change.id };
}

/**
 * All changes of this device to one record laid over its base, in the order they were made. A change that the
 * base already holds (its seq is not above the base's) is left out. Null: nothing lies over the base.
 */
export function layOver(
  kinds: Kinds,
  space: string,
  base: RecordState | null,
  changes: LaidChange[],
): Laid | null {
  const open = changes.filter(({ seq }) => seq === 0 || seq > (base?.seq ?? 0));
  if (open.length === 0) return null;
  let state = base;
  for (const { change } of open) state = applyChange(kinds, space, state, change);
  if (state === null) return null;
  return {
    state,
    pending: open.some((laid) => !laid.acknowledged),
    parked: open.some((laid) => laid.parked),
  };
}
