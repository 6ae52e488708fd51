/** Who is in charge of a daily check, and so of what it found: twin of `server/rules/in_charge.py`. */

import type { DeputyAppointment, Finding, InspectorScope, Post } from "../contract/index.ts";
import type { Day } from "./days.ts";

type Period = { readonly starts_on: Day; readonly ends_on?: Day | null };

/**
 * Whether `user` evaluates and follows up this finding at daily level (Q1-3.4.2a, Q1-4.1, Q1-4.2).
 *
 * He found it himself; or its post belongs to a team or item in his scope on that `day`; or he is that day's
 * deputy of somebody of whom one of these is true. `post`: its data, `null` if unknown. Days are inclusive.
 */
export function inCharge(
  user: string,
  finding: Pick<Finding, "found_by">,
  post: Pick<Post, "team" | "item"> | null,
  scopes: readonly InspectorScope[],
  deputies: readonly DeputyAppointment[],
  day: Day,
): boolean {
  const heads = new Set<string>([finding.found_by]);
  for (const scope of scopes) {
    if (post !== null && within(day, scope) && (at(post.team, scope.team) || at(post.item, scope.item))) {
      heads.add(scope.inspector);
    }
  }
  return (
    heads.has(user) ||
    deputies.some((row) => row.deputy === user && heads.has(row.inspector) && within(day, row))
  );
}

function at(place: string | null | undefined, scope: string | null | undefined): boolean {
  return Boolean(place) && place === scope;
}

function within(day: Day, period: Period): boolean {
  return period.starts_on <= day && day <= (period.ends_on ?? day);
}
