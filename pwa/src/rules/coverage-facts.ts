/**
 * What the three-working-day rule is judged from and what it answers: twin of `server/rules/coverage_facts.py`.
 * Days are `YYYY-MM-DD` business days, instants epoch milliseconds, periods include their last day.
 */

import type { Shift } from "./business-date.ts";
import type { Day } from "./days.ts";

export type State = "paused" | "unconfirmed" | "overdue" | "due_soon" | "never_checked" | "covered";
export type NotCounted = "incomplete" | "not_daily" | "not_the_inspector";

/** Best to worst: the state of a post is the worst of its units. */
export const SEVERITY: readonly State[] = [
  "paused",
  "covered",
  "never_checked",
  "due_soon",
  "unconfirmed",
  "overdue",
];

export interface ScopeFacts {
  readonly inspector: string;
  readonly starts_on: Day;
  readonly ends_on?: Day | null;
}

export interface DeputyFacts {
  readonly inspector: string;
  readonly deputy: string;
  readonly starts_on: Day;
  readonly ends_on: Day;
}

export interface PauseFacts {
  readonly starts_on: Day;
  readonly ends_on?: Day | null;
}

/** One check. `ended_at` is corrected, `business_date` is that of `ended_at` in the unit's shift. */
export interface CheckFacts {
  readonly id: string;
  readonly by: string;
  readonly ended_at: number;
  readonly business_date: Day;
  readonly complete: boolean;
  readonly level: string;
}

export interface UnitFacts {
  readonly unit: string;
  readonly post: string;
  readonly area: string | null;
  readonly shift: Shift;
  readonly effective_from: Day;
  readonly effective_until?: Day | null;
  readonly scopes: readonly ScopeFacts[];
  readonly deputies: readonly DeputyFacts[];
  readonly pauses: readonly PauseFacts[];
  readonly checks: readonly CheckFacts[];
}

export interface DeviceFacts {
  readonly unsent_zero_at?: number | null;
  readonly earlier_zeros?: readonly number[];
}

/** Devices by person; `own`: the judge is the device itself, which knows its own outbox. */
export type Devices = Readonly<Record<string, readonly DeviceFacts[]>> | "own";

export interface CoverageSettings {
  readonly mode: "rolling" | "cycle";
  readonly coverage_start: Day;
  readonly cycle_anchor?: Day | null;
  readonly grace_hours: number;
}

/** How a unit stands (Q1-4.4j); fields as in the answer of `GET /coverage/{space}`. */
export interface UnitState {
  readonly unit: string;
  readonly post: string;
  readonly area: string | null;
  readonly inspector: string | null;
  readonly acting_deputy: string | null;
  readonly last_checked_on: Day | null;
  readonly last_check: string | null;
  readonly due_on: Day | null;
  readonly state: State;
  readonly working_days_left: number | null;
  readonly calendar_unconfirmed: boolean;
}

export interface PostState {
  readonly post: string;
  readonly state: State;
  readonly covered: boolean;
  readonly missing: readonly string[];
}
