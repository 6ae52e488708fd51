import {
  type Change,
  type CommitDraft,
  type Element,
  type Kinds,
  type RecordData,
  unitOf,
  type ViewRecord,
} from "../store";
import { uuid7 } from "./uuid7";

/** What a commit is made with besides its changes. */
export interface CommitOptions {
  kinds: Kinds;
  /** sha256 of blobs that the records of this commit name; their bytes must be put before the save. */
  blobs?: readonly string[];
  uuid?: () => string;
}

/** Values to add, with ids made for them here, or elements that have one. */
type Additions = Record<string, readonly (Element | { value: unknown })[]>;

export interface Creation {
  op: "create";
  kind: string;
  /** Made here when left out; give it when other records of the commit refer to it. */
  record?: string;
  set: object;
  add?: Additions;
  audience?: readonly string[];
}

export interface Patch {
  op: "patch";
  /** The record as the user was looking at it: its versions become the change's base. */
  seen: ViewRecord<unknown>;
  set?: object;
  add?: Additions;
  remove?: Record<string, readonly string[]>;
  /** Units that this change judges without setting them; a stale one makes the whole change conflict. */
  judged?: readonly string[];
}

export interface Deletion {
  op: "delete";
  seen: ViewRecord<unknown>;
}

export type Edit = Creation | Patch | Deletion;

/**
 * Builds the commit of one act. Bases come from the versions of the records as seen, or from an earlier change of
 * the same commit, so that a change of one's own is never taken for someone else's.
 */
export function makeCommit(space: string, edits: readonly Edit[], options: CommitOptions): CommitDraft {
  const uuid = options.uuid ?? uuid7;
  const own = new OwnVersions();
  const changes = edits.map((edit) => {
    const change = makeChange(edit, options.kinds, own, uuid);
    own.note(change, options.kinds);
    return change;
  });
  return { id: uuid(), space, changes, blobs: [...(options.blobs ?? [])] };
}

/** The versions that earlier changes of this commit give to units. */
class OwnVersions {
  private readonly created = new Map<string, string>();
  private readonly last = new Map<string, string>();
  private readonly units = new Map<string, string>();

  note(change: Change, kinds: Kinds): void {
    const { id, record } = change;
    if (change.op === "create") this.created.set(record, id);
    this.last.set(record, id);
    const parts = [change.set, change.add, change.remove];
    for (const field of parts.flatMap((part) => Object.keys(part ?? {}))) {
      this.units.set(`${record} ${unitOf(kinds, change.kind, field)}`, id);
    }
  }

  of(record: string, unit: string): string | undefined {
    return this.units.get(`${record} ${unit}`) ?? this.created.get(record);
  }

  lastOf(record: string): string | undefined {
    return this.last.get(record);
  }
}

function makeChange(edit: Edit, kinds: Kinds, own: OwnVersions, uuid: () => string): Change {
  const id = uuid();
  if (edit.op === "create") {
    const { kind, record = uuid(), set, audience } = edit;
    return {
      id,
      op: "create",
      kind,
      record,
      set: set as RecordData,
      ...(edit.add === undefined ? {} : { add: additions(edit.add, uuid) }),
      ...(audience === undefined ? {} : { audience: [...audience] }),
    };
  }
  const { seen } = edit;
  const about = { id, kind: seen.kind, record: seen.id };
  if (edit.op === "delete") {
    return { ...about, op: "delete", base: { "*": own.lastOf(seen.id) ?? seen.last_change } };
  }
  return {
    ...about,
    op: "patch",
    base: baseOf(edit, kinds, own),
    ...(edit.set === undefined ? {} : { set: edit.set as RecordData }),
    ...(edit.add === undefined ? {} : { add: additions(edit.add, uuid) }),
    ...(edit.remove === undefined ? {} : { remove: copied(edit.remove) }),
  };
}

/** Union and append fields need no base; every other unit names the change that wrote what the user saw. */
function baseOf(edit: Patch, kinds: Kinds, own: OwnVersions): Record<string, string | null> {
  const { seen } = edit;
  const set = Object.keys(edit.set ?? {}).map((field) => unitOf(kinds, seen.kind, field));
  const base: Record<string, string | null> = {};
  for (const unit of [...set, ...(edit.judged ?? [])]) {
    base[unit] = own.of(seen.id, unit) ?? seen.versions[unit] ?? seen.created_by_change;
  }
  return base;
}

function additions(added: Additions, uuid: () => string): Record<string, Element[]> {
  const made = Object.entries(added).map(([field, elements]): [string, Element[]] => [
    field,
    elements.map((element) => ("id" in element ? element : { id: uuid(), value: element.value })),
  ]);
  return Object.fromEntries(made);
}

function copied(removed: Record<string, readonly string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(removed).map(([field, ids]) => [field, [...ids]]));
}
