/** From records of the contract to coverage facts: twin of `server/rules/unit_facts.py` (Q1-4.1, Q1-4.2). */

import type { Area, AreaCheck, DeputyAppointment, InspectorScope, Pause, Post } from "../contract/index.ts";
import { businessDate, corrected, type Shift } from "./business-date.ts";
import type { CheckFacts, PauseFacts, ScopeFacts, UnitFacts } from "./coverage-facts.ts";
import { addDays, type Day, laterOf } from "./days.ts";

/** A record as the replica holds it. */
export interface Row<Data> {
  readonly id: string;
  readonly data: Data;
}

/** Undeleted records of one space. `void`: inspections that were voided or rejected. */
export interface UnitRecords {
  readonly posts: readonly Row<Post>[];
  readonly areas: readonly Row<Area>[];
  readonly scopes: readonly Row<InspectorScope>[];
  readonly deputies: readonly Row<DeputyAppointment>[];
  readonly pauses: readonly Row<Pause>[];
  readonly checks: readonly Row<AreaCheck>[];
  readonly void?: ReadonlySet<string>;
}

/** One entry per post and per area, each post followed by its areas, in the order given. */
export function unitFacts(records: UnitRecords): UnitFacts[] {
  const areas = groupBy(records.areas, (area) => area.data.post);
  const checks = groupBy(records.checks, (check) => check.data.unit);
  const deputies = records.deputies.map((row) => row.data);
  const pauses = records.pauses.map((row) => row.data);
  return records.posts.flatMap((post) => {
    const scopes = scopesOf(
      post.data,
      records.scopes.map((row) => row.data),
    );
    const members: (Row<Post> | Row<Area>)[] = [post, ...(areas.get(post.id) ?? [])];
    return members.map((member) => ({
      unit: member.id,
      post: post.id,
      area: member === post ? null : member.id,
      shift: post.data.shift,
      effective_from: laterOf(post.data.effective_from, member.data.effective_from),
      effective_until: earlierOf(post.data.effective_until, member.data.effective_until),
      scopes,
      deputies,
      pauses: pausesOf(member.id, post.id, pauses),
      checks: (checks.get(member.id) ?? []).map((check) =>
        checkFacts(check, post.data.shift, !records.void?.has(check.data.inspection)),
      ),
    }));
  });
}

/** The inspectors of a post: of its team or item since it belongs there; before that, any of that time. */
export function scopesOf(post: Post, scopes: readonly InspectorScope[]): ScopeFacts[] {
  const since = post.belongs_from ?? null;
  return scopes.flatMap((scope) => {
    const { inspector, starts_on } = scope;
    if (same(scope.team, post.team) && same(scope.item, post.item)) {
      return [{ inspector, starts_on, ends_on: scope.ends_on ?? null }];
    }
    if (since !== null && starts_on < since) {
      return [{ inspector, starts_on, ends_on: earlierOf(scope.ends_on, addDays(since, -1)) }];
    }
    return [];
  });
}

/** The pauses of a unit: its own, and those that its post hands down. */
export function pausesOf(unit: string, post: string, pauses: readonly Pause[]): PauseFacts[] {
  return pauses.filter((row) => row.unit === unit || (row.unit === post && row.with_areas));
}

/** A recorded check as evidence: corrected end, and its business date in the shift of the unit. */
export function checkFacts(check: Row<AreaCheck>, shift: Shift, complete = true): CheckFacts {
  const { inspector, level, ended_at, clock_offset_ms } = check.data;
  const endedAt = corrected(Date.parse(ended_at), clock_offset_ms ?? 0);
  return {
    id: check.id,
    by: inspector,
    ended_at: endedAt,
    business_date: businessDate(endedAt, shift),
    complete,
    level,
  };
}

function same(a: string | null | undefined, b: string | null | undefined): boolean {
  return (a ?? null) === (b ?? null);
}

function earlierOf(a: Day | null | undefined, b: Day | null | undefined): Day | null {
  if (a && b) {
    return a < b ? a : b;
  }
  return a ?? b ?? null;
}

function groupBy<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) {
      group.push(row);
    } else {
      groups.set(key(row), [row]);
    }
  }
  return groups;
}
