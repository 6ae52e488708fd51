import type {
  Area,
  AreaCheck,
  DeputyAppointment,
  Finding,
  Inspection,
  InspectorScope,
  OtherItem,
  Pause,
  Person,
  Post,
  ProjectCentre,
  SubcontractItem,
  Team,
  WorkCalendar,
} from "../../contract";
import type { Draft, ViewRecord } from "../../store";
import type { CheckDraft } from "./draft";

export type Records<Data> = readonly ViewRecord<Data>[];

/** What the round is made from, as the replica holds it: all spaces that this device follows. */
export interface RoundRecords {
  centres: Records<ProjectCentre>;
  teams: Records<Team>;
  items: Records<SubcontractItem | OtherItem>;
  people: Records<Person>;
  posts: Records<Post>;
  areas: Records<Area>;
  scopes: Records<InspectorScope>;
  deputies: Records<DeputyAppointment>;
  pauses: Records<Pause>;
  calendars: Records<WorkCalendar>;
  inspections: Records<Inspection>;
  findings: Records<Finding>;
  /** At least the last counting check of each unit, and all of those checked today. */
  checks: Records<AreaCheck>;
  drafts: readonly Draft<CheckDraft>[];
}

/** States in which nothing more is to be done about a finding. */
export function isOpen(finding: Finding): boolean {
  return finding.state !== "closed" && finding.state !== "verified";
}

/** Inspections whose checks do not count any more. */
export function voided(inspections: Records<Inspection>): Set<string> {
  return new Set(
    inspections
      .filter(({ data }) => data.state === "voided" || data.state === "rejected")
      .map(({ id }) => id),
  );
}
