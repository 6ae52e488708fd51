/** Is enough time spent inspecting: twin of `server/rules/inspection_time.py` (Q1-4.3a, A-25). */

import type { Day } from "./days.ts";

const SECONDS_PER_UNIT = 100; // five minutes for each of a third of the units
const LEAST_SECONDS = 15 * 60;

const SHORTEST_MS = 20_000;

/** Whether a check took so little time (ms) that the reviewer is shown it; never held up (Q1-3.2.5b). */
export function isShort(took: number): boolean {
  return took < SHORTEST_MS;
}

/** One check as time spent: corrected instants in epoch ms. */
export interface Visit {
  readonly business_date: Day;
  readonly started_at: number;
  readonly ended_at: number;
}

export interface InspectionTime {
  readonly seconds: number;
  readonly target_seconds: number;
  readonly short: boolean;
}

/** 5 minutes x one third of the inspector's units, at least 15 minutes; 24 units: 2400 seconds. */
export function targetSeconds(units: number): number {
  return Math.max(LEAST_SECONDS, SECONDS_PER_UNIT * units);
}

/** Whole seconds covered by these stretches, overlaps counted once. */
export function secondsSpent(intervals: readonly (readonly [number, number])[]): number {
  let total = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const [start, end] of [...intervals].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    const begin = Math.max(start, reached);
    if (end > begin) {
      total += end - begin;
      reached = end;
    }
  }
  return Math.floor(total / 1000);
}

/** By business date, ascending: one inspector's time against the target for his number of units. */
export function inspectionTime(visits: readonly Visit[], units: number): Map<Day, InspectionTime> {
  const days = new Map<Day, [number, number][]>();
  for (const visit of visits) {
    const intervals = days.get(visit.business_date) ?? [];
    intervals.push([visit.started_at, visit.ended_at]);
    days.set(visit.business_date, intervals);
  }
  const target = targetSeconds(units);
  const sorted = [...days].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    sorted.map(([day, intervals]) => {
      const seconds = secondsSpent(intervals);
      return [day, { seconds, target_seconds: target, short: seconds < target }];
    }),
  );
}
