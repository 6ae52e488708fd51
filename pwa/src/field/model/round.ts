import type { Area, AreaCheck, Post } from "../../contract";
import {
  businessDate,
  type CoverageSettings,
  type Day,
  DUE_GROUPS,
  type DueGroup,
  deputiesOn,
  dueList,
  inspectorsOn,
  isOver,
  mayCheck,
  secondsSpent,
  targetSeconds,
  type UnitFacts,
  type UnitState,
  unitFacts,
  WorkCalendar,
} from "../../rules";
import type { ViewRecord } from "../../store";
import { searchText } from "./names";
import { isOpen, type RoundRecords, voided } from "./records";

/** One unit of the round, as the list shows it. */
export interface RoundUnit {
  readonly id: string;
  readonly space: string;
  readonly group: DueGroup;
  readonly state: UnitState;
  readonly post: ViewRecord<Post>;
  /** Null: the unit is the post itself. */
  readonly area: ViewRecord<Area> | null;
  /** Person for whom this user acts as deputy here; null: his own unit. */
  readonly actingFor: string | null;
  readonly today: Day;
  readonly openFindings: number;
  readonly lastCheck: ViewRecord<AreaCheck> | null;
  /** When a check of it was begun and left, milliseconds since 1970. */
  readonly draftAt: number | null;
  readonly search: string;
}

export interface RoundSummary {
  /** Units that were due today or overdue when the day began, and how many of them are checked. */
  readonly dueToday: number;
  readonly dueDone: number;
  /** Units of the round without the paused ones, and those that are in time. */
  readonly units: number;
  readonly inTime: number;
  readonly seconds: number;
  readonly targetSeconds: number;
}

export interface Round {
  readonly units: readonly RoundUnit[];
  readonly summary: RoundSummary;
  /** Names of teams and items whose units these are. */
  readonly ranges: readonly { name: string; name_en?: string | null }[];
  /** Inspectors for whom this user acts today. */
  readonly actingFor: readonly string[];
  readonly calendarUnconfirmed: boolean;
}

export interface RoundQuestion {
  records: RoundRecords;
  user: string;
  /** Milliseconds since 1970, corrected by the measured offset of the clock. */
  now: number;
}

/** Units that this person may check today: his own, and those of whom he acts for (Q1-4.2). */
export function unitsOf(facts: readonly UnitFacts[], user: string, now: number): UnitFacts[] {
  return facts.filter((unit) => mayCheck(unit, user, businessDate(now, unit.shift)));
}

/** For whom this user acts at this unit today; null where it is his own. */
export function actsFor(unit: UnitFacts, user: string, now: number): string | null {
  const today = businessDate(now, unit.shift);
  const inspectors = inspectorsOn(unit.scopes, today);
  if (inspectors.includes(user)) return null;
  return inspectors.find((inspector) => deputiesOn(unit, inspector, today).includes(user)) ?? null;
}

/** The round of one person at one moment: units in groups by urgency, each by due day, then by code (Q1-4.4i). */
export function roundOf({ records, user, now }: RoundQuestion): Round {
  const calendar = new WorkCalendar(records.calendars.map(({ data }) => data));
  const gone = voided(records.inspections);
  const units: RoundUnit[] = [];
  const before = { total: 0, done: 0 };
  for (const centre of records.centres) {
    const mine = <R extends { space: string }>(rows: readonly R[]) =>
      rows.filter((row) => row.space === centre.space);
    const posts = mine(records.posts).toSorted((a, b) => compare(a.data.code, b.data.code));
    const areas = mine(records.areas).toSorted((a, b) => compare(a.data.code, b.data.code));
    const checks = mine(records.checks);
    const { scopes, deputies, pauses } = records;
    const parts = { scopes: mine(scopes), deputies: mine(deputies), pauses: mine(pauses) };
    const facts = unitsOf(unitFacts({ posts, areas, ...parts, checks, void: gone }), user, now);
    const { coverage_mode: mode, coverage_start, cycle_anchor = null, grace_hours } = centre.data;
    const settings: CoverageSettings = { mode, coverage_start, cycle_anchor, grace_hours };
    const { groups } = dueList(facts, settings, calendar, now);
    const show = unitMaker({ records, user, now, posts, areas, checks, facts });
    for (const group of DUE_GROUPS) units.push(...groups[group].map((state) => show(state, group)));
    const begun = startOfDay(facts, settings, calendar, now);
    before.total += begun.length;
    before.done += groups.covered_today.filter(({ unit }) => begun.includes(unit)).length;
  }
  units.sort((a, b) => DUE_GROUPS.indexOf(a.group) - DUE_GROUPS.indexOf(b.group));
  return {
    units,
    summary: summaryOf(units, before, records, user, now),
    ranges: rangesOf(units, records),
    actingFor: [...new Set(units.flatMap(({ actingFor }) => actingFor ?? []))],
    calendarUnconfirmed: units.some(({ state }) => state.calendar_unconfirmed),
  };
}

/** What was due today or before when the day began: the list without the checks of today. */
function startOfDay(
  facts: readonly UnitFacts[],
  settings: CoverageSettings,
  calendar: WorkCalendar,
  now: number,
): string[] {
  const earlier = facts.map((unit) => {
    const today = businessDate(now, unit.shift);
    return { ...unit, checks: unit.checks.filter((check) => check.business_date < today) };
  });
  const { groups } = dueList(earlier, settings, calendar, now);
  return [...groups.overdue, ...groups.due_today].map(({ unit }) => unit);
}

interface Making extends RoundQuestion {
  posts: readonly ViewRecord<Post>[];
  areas: readonly ViewRecord<Area>[];
  checks: readonly ViewRecord<AreaCheck>[];
  facts: readonly UnitFacts[];
}

function unitMaker({ records, user, now, posts, areas, checks, facts }: Making) {
  const post = new Map(posts.map((row) => [row.id, row]));
  const area = new Map(areas.map((row) => [row.id, row]));
  const check = new Map(checks.map((row) => [row.id, row]));
  const fact = new Map(facts.map((row) => [row.unit, row]));
  const draft = new Map(records.drafts.map((row) => [row.data.unit, row.saved_at]));
  const open = new Map<string, number>();
  for (const { data } of records.findings) {
    if (isOpen(data)) open.set(data.unit, (open.get(data.unit) ?? 0) + 1);
  }
  return (state: UnitState, group: DueGroup): RoundUnit => {
    const itsPost = post.get(state.post) as ViewRecord<Post>;
    const itsArea = area.get(state.area ?? "") ?? null;
    const facts = fact.get(state.unit) as UnitFacts;
    return {
      id: state.unit,
      space: itsPost.space,
      group,
      state,
      post: itsPost,
      area: itsArea,
      actingFor: actsFor(facts, user, now),
      today: businessDate(now, facts.shift),
      openFindings: open.get(state.unit) ?? 0,
      lastCheck: check.get(state.last_check ?? "") ?? null,
      draftAt: draft.get(state.unit) ?? null,
      search: searchText(itsPost.data, itsArea?.data ?? {}),
    };
  };
}

function summaryOf(
  units: readonly RoundUnit[],
  before: { total: number; done: number },
  records: RoundRecords,
  user: string,
  now: number,
): RoundSummary {
  const running = units.filter(({ group }) => group !== "paused");
  const late = (unit: RoundUnit) => unit.group === "overdue" || unit.state.last_check === null;
  const today = new Map(units.map(({ id, today }) => [id, today]));
  const mine = records.checks.filter(
    ({ data }) =>
      data.inspector === user &&
      data.business_date === (today.get(data.unit) ?? businessDate(now, "day")) &&
      isOver(Date.parse(data.ended_at), now),
  );
  return {
    dueToday: before.total,
    dueDone: before.done,
    units: running.length,
    inTime: running.filter((unit) => !late(unit)).length,
    seconds: secondsSpent(mine.map(({ data }) => [Date.parse(data.started_at), Date.parse(data.ended_at)])),
    targetSeconds: targetSeconds(running.length),
  };
}

function rangesOf(units: readonly RoundUnit[], records: RoundRecords): Round["ranges"] {
  const wanted = new Set(units.flatMap(({ post }) => [post.data.team ?? "", post.data.item ?? ""]));
  return [...records.teams, ...records.items].filter(({ id }) => wanted.has(id)).map(({ data }) => data);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
