import type { AreaCheck, Inspection } from "../contract";
import { businessDate, unitFacts, whyNotCounted } from "../rules";
import type { Replica, ViewRecord } from "../store";
import type { CheckDraft } from "./model/draft";
import { type Records, type RoundRecords, voided } from "./model/records";
import { unitsOf } from "./model/round";

export const CHECK_DRAFT = "check";

/** Kinds and stores whose changes show in the round. */
export const ROUND_TOPICS = [
  "project_centre",
  "team",
  "subcontract_item",
  "other_item",
  "person",
  "post",
  "area",
  "inspector_scope",
  "deputy_appointment",
  "pause",
  "work_calendar",
  "inspection",
  "area_check",
  "finding",
  "drafts",
] as const;

type DataOf<Key extends keyof RoundRecords> = RoundRecords[Key] extends Records<infer Data> ? Data : never;

/** Reads what the round of `user` at `now` (milliseconds since 1970, corrected) is made from. */
export async function readRound(replica: Replica, user: string, now: number): Promise<RoundRecords> {
  const all = <Key extends keyof RoundRecords>(kind: string) =>
    replica.queries.recordsOfKind<DataOf<Key>>(kind) as Promise<Records<DataOf<Key>>>;
  const ground = readGround(all);
  const [before, checks, centres, teams, subcontracted, others, people, calendars, findings, drafts] =
    await Promise.all([
      ground,
      ground.then((known) => readChecks(replica, known, user, now)),
      all<"centres">("project_centre"),
      all<"teams">("team"),
      all<"items">("subcontract_item"),
      all<"items">("other_item"),
      all<"people">("person"),
      all<"calendars">("work_calendar"),
      all<"findings">("finding"),
      replica.drafts.list<CheckDraft>(CHECK_DRAFT),
    ]);
  const items = [...subcontracted, ...others];
  return { ...before, ...checks, centres, teams, items, people, calendars, findings, drafts };
}

type All = <Key extends keyof RoundRecords>(kind: string) => Promise<Records<DataOf<Key>>>;

/** What says whose units there are. */
async function readGround(all: All): Promise<Before> {
  const [posts, areas, scopes, deputies, pauses] = await Promise.all([
    all<"posts">("post"),
    all<"areas">("area"),
    all<"scopes">("inspector_scope"),
    all<"deputies">("deputy_appointment"),
    all<"pauses">("pause"),
  ]);
  return { posts, areas, scopes, deputies, pauses };
}

type Before = Pick<RoundRecords, "posts" | "areas" | "scopes" | "deputies" | "pauses">;
type Checks = Pick<RoundRecords, "checks" | "inspections">;

/**
 * The last check of each of this user's units, by one index step each; where that one does not count, or was made
 * today (what was before it tells what was due), all checks of the unit. With them the visits that they belong to.
 */
async function readChecks(replica: Replica, before: Before, user: string, now: number): Promise<Checks> {
  const { queries } = replica;
  const mine = unitsOf(unitFacts({ ...before, checks: [] }), user, now);
  const newest = await queries.newestByUnit<AreaCheck>(
    "area_check",
    mine.map(({ unit }) => unit),
  );
  const inspections = await visitsOf(replica, [...newest.values()]);
  const shown = unitFacts({ ...before, checks: [...newest.values()], void: voided(inspections) });
  const more = shown.filter((unit) =>
    unit.checks.some(
      (check) =>
        check.business_date >= businessDate(now, unit.shift) ||
        check.ended_at > now ||
        whyNotCounted(unit, check) !== null,
    ),
  );
  if (more.length === 0) return { checks: [...newest.values()], inspections };
  const histories = await Promise.all(more.map(({ unit }) => queries.byUnit<AreaCheck>("area_check", unit)));
  const whole = new Set(more.map(({ unit }) => unit));
  const checks = [
    ...histories.flat(),
    ...[...newest].filter(([unit]) => !whole.has(unit)).map(([, one]) => one),
  ];
  return { checks, inspections: await visitsOf(replica, checks) };
}

async function visitsOf(replica: Replica, checks: readonly ViewRecord<AreaCheck>[]) {
  const ids = [...new Set(checks.map(({ data }) => data.inspection))];
  return [...(await replica.queries.records<Inspection>(ids)).values()];
}
