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

/** Reads what the round of `user` at `now` (milliseconds since 1970, corrected) is made from. */
export async function readRound(replica: Replica, user: string, now: number): Promise<RoundRecords> {
  const { queries } = replica;
  const all = <Data>(kind: string) => queries.recordsOfKind<Data>(kind) as Promise<Records<Data>>;
  const [centres, teams, subcontracted, others, people, posts, areas, scopes, deputies, pauses] =
    await Promise.all([
      all<RoundRecords["centres"][number]["data"]>("project_centre"),
      all<RoundRecords["teams"][number]["data"]>("team"),
      all<RoundRecords["items"][number]["data"]>("subcontract_item"),
      all<RoundRecords["items"][number]["data"]>("other_item"),
      all<RoundRecords["people"][number]["data"]>("person"),
      all<RoundRecords["posts"][number]["data"]>("post"),
      all<RoundRecords["areas"][number]["data"]>("area"),
      all<RoundRecords["scopes"][number]["data"]>("inspector_scope"),
      all<RoundRecords["deputies"][number]["data"]>("deputy_appointment"),
      all<RoundRecords["pauses"][number]["data"]>("pause"),
    ]);
  const [calendars, inspections, findings, drafts] = await Promise.all([
    all<RoundRecords["calendars"][number]["data"]>("work_calendar"),
    all<Inspection>("inspection"),
    all<RoundRecords["findings"][number]["data"]>("finding"),
    replica.drafts.list<CheckDraft>(CHECK_DRAFT),
  ]);
  const items = [...subcontracted, ...others];
  const master = { centres, teams, items, people, posts, areas, scopes, deputies, pauses, calendars };
  const checks = await readChecks(replica, { ...master, inspections }, user, now);
  return { ...master, inspections, findings, drafts, checks };
}

type Before = Pick<RoundRecords, "posts" | "areas" | "scopes" | "deputies" | "pauses" | "inspections">;

/**
 * The last check of each of this user's units, by one index step each; where that one does not count, or was made
 * today (what was before it tells what was due), all checks of the unit.
 */
async function readChecks(
  replica: Replica,
  before: Before,
  user: string,
  now: number,
): Promise<ViewRecord<AreaCheck>[]> {
  const { queries } = replica;
  const mine = unitsOf(unitFacts({ ...before, checks: [] }), user, now);
  const newest = await queries.newestByUnit<AreaCheck>(
    "area_check",
    mine.map(({ unit }) => unit),
  );
  const gone = voided(before.inspections);
  const shown = unitFacts({ ...before, checks: [...newest.values()], void: gone });
  const more = shown.filter((unit) =>
    unit.checks.some(
      (check) =>
        check.business_date >= businessDate(now, unit.shift) ||
        check.ended_at > now ||
        whyNotCounted(unit, check) !== null,
    ),
  );
  const histories = await Promise.all(more.map(({ unit }) => queries.byUnit<AreaCheck>("area_check", unit)));
  const whole = new Set(more.map(({ unit }) => unit));
  return [...histories.flat(), ...[...newest].filter(([unit]) => !whole.has(unit)).map(([, check]) => check)];
}
