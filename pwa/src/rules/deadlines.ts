/** Until when a finding must be put right: twin of `server/rules/deadlines.py` (domain 7.1, 7.3). */

import { businessDate, dueEndsAt, type Shift } from "./business-date.ts";

const HOUR_MS = 3_600_000;

export interface GradeRow {
  deadline: string;
  deadline_hours?: number | null;
  supplier_hours?: number | null;
}

/**
 * The deadline of a finding evaluated at `at`, both epoch milliseconds, corrected; null: there is none by rule.
 * What is to be done now is due at the end of the business day (night: of the shift). `supplied`: the supplier
 * corrects, whose hours hold where the class has any. `per_case` is set by a person.
 */
export function dueAt(
  grade: GradeRow,
  disposition: { deadline: string },
  at: number,
  shift: Shift,
  supplied: boolean,
): number | null {
  if (disposition.deadline === "none") return null;
  const endOfDay = dueEndsAt(businessDate(at, shift), shift);
  if (disposition.deadline === "now") return endOfDay;
  const own = grade.deadline === "hours" ? (grade.deadline_hours ?? null) : null;
  const hours = (supplied ? grade.supplier_hours : null) ?? own;
  if (hours !== null) return at + hours * HOUR_MS;
  return grade.deadline === "end_of_business_day" ? endOfDay : null;
}
