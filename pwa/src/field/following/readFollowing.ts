import type {
  Area,
  AttributionTable,
  CheckItem,
  ClassTable,
  DeputyAppointment,
  DispositionTable,
  Finding,
  InspectorScope,
  Person,
  Photo,
  Post,
  Signature,
  SubcontractItem,
  SyncConflict,
  Team,
} from "../../contract";
import type { Snapshot } from "../../rules";
import type { Replica, ViewRecord } from "../../store";

/** A signature with its snapshot opened. */
export interface OpenSignature {
  record: ViewRecord<Signature>;
  snapshot: Snapshot;
}

/** A finding with everything that following it up asks for. */
export interface Followed {
  finding: ViewRecord<Finding>;
  /** All findings of the same check, itself among them. */
  siblings: ViewRecord<Finding>[];
  post: ViewRecord<Post> | null;
  area: ViewRecord<Area> | null;
  team: ViewRecord<Team> | null;
  supplied: boolean;
  people: readonly ViewRecord<Person>[];
  items: readonly ViewRecord<CheckItem>[];
  photos: Map<string, ViewRecord<Photo>>;
  classes: ClassTable;
  dispositions: DispositionTable["rows"];
  attributions: AttributionTable["rows"];
  scopes: readonly ViewRecord<InspectorScope>[];
  deputies: readonly ViewRecord<DeputyAppointment>[];
  /** Of this unit, the oldest first; only those that this user may read. */
  signatures: OpenSignature[];
  /** Of this finding, the newest first. */
  conflicts: ViewRecord<SyncConflict>[];
}

export const FOLLOWING_TOPICS = [
  "finding",
  "photo",
  "signature",
  "sync_conflict",
  "person",
  "class_table",
  "disposition_table",
  "attribution_table",
  "deputy_appointment",
  "inspector_scope",
];

/** Null: the finding is not on this device. */
export async function readFollowing(replica: Replica, id: string): Promise<Followed | null> {
  const { queries } = replica;
  const finding = await queries.record<Finding>(id);
  if (finding === null) return null;
  const { data } = finding;
  const all = <D>(kind: string) => queries.recordsOfKind<D>(kind);
  const [places, siblings, people, items, conflicts, scopes, deputies, tables, signatures] =
    await Promise.all([
      readPlaces(replica, data),
      queries.byUnit<Finding>("finding", data.unit),
      all<Person>("person"),
      all<CheckItem>("check_item"),
      all<SyncConflict>("sync_conflict"),
      all<InspectorScope>("inspector_scope"),
      all<DeputyAppointment>("deputy_appointment"),
      readTables(replica),
      queries.byUnit<Signature>("signature", data.unit),
    ]);
  const mine = siblings.filter((one) => one.data.check === data.check);
  const photos = mine.flatMap((one) => (one.data.photos ?? []).map(({ value }) => value));
  const after = (data.corrections ?? []).flatMap(({ value }) => value.photos ?? []);
  return {
    finding,
    siblings: mine,
    ...places,
    ...tables,
    people: people.filter((one) => one.space === finding.space),
    items,
    photos: await queries.records<Photo>([...photos, ...after]),
    scopes: scopes.filter((one) => one.space === finding.space),
    deputies: deputies.filter((one) => one.space === finding.space),
    signatures: signatures.map(opened),
    conflicts: conflicts.filter((one) => one.data.record === id).toSorted((a, b) => (a.id < b.id ? 1 : -1)),
  };
}

async function readPlaces({ queries }: Replica, { post: at, unit }: Finding) {
  const post = await queries.record<Post>(at);
  const [area, item, team] = await Promise.all([
    unit === at ? null : queries.record<Area>(unit),
    post?.data.item ? queries.record<SubcontractItem>(post.data.item) : null,
    post?.data.team ? queries.record<Team>(post.data.team) : null,
  ]);
  return { post, area, team, supplied: item?.kind === "subcontract_item" };
}

async function readTables({ queries }: Replica) {
  const newest = async <D extends { version: number }>(kind: string) => {
    const tables = await queries.recordsOfKind<D>(kind);
    return tables.toSorted((a, b) => b.data.version - a.data.version)[0]?.data ?? null;
  };
  const [classes, dispositions, attributions] = await Promise.all([
    newest<ClassTable>("class_table"),
    newest<DispositionTable>("disposition_table"),
    newest<AttributionTable>("attribution_table"),
  ]);
  return {
    classes: classes ?? { version: 0, effective_on: "", rows: [] },
    dispositions: dispositions?.rows ?? [],
    attributions: attributions?.rows ?? [],
  };
}

function opened(record: ViewRecord<Signature>): OpenSignature {
  return { record, snapshot: JSON.parse(record.data.snapshot) as Snapshot };
}
