import type { RoundUnit } from "./round";

export type BadgeState = "covered" | "due_soon" | "overdue" | "unconfirmed" | "never_checked" | "paused";

/** Shape and colour of a unit's badge, and which words with which number belong to it. */
export interface Badge {
  state: BadgeState;
  /** Word below field.badge. */
  word:
    | "checked_today"
    | "overdue"
    | "overdue_now"
    | "today"
    | "left"
    | "never_left"
    | "never_today"
    | "paused";
  /** Working days. */
  n: number;
}

/** How a unit stands in one look: state with the working days that remain (Q1-4.4i). */
export function badgeOf({ group, state }: Pick<RoundUnit, "group" | "state">): Badge {
  const left = state.working_days_left ?? 0;
  const never = state.last_check === null;
  switch (group) {
    case "paused":
      return { state: "paused", word: "paused", n: 0 };
    case "covered_today":
      return { state: "covered", word: "checked_today", n: 0 };
    case "overdue":
      // Overdue over a weekend: no working day has passed yet, and "0 days" would read like a mistake.
      return { state: "overdue", word: left === 0 ? "overdue_now" : "overdue", n: -left };
    case "due_today":
      return never
        ? { state: "due_soon", word: "never_today", n: 0 }
        : { state: "due_soon", word: "today", n: 0 };
    default: {
      if (never)
        return { state: group === "later" ? "never_checked" : "due_soon", word: "never_left", n: left };
      return { state: group === "later" ? "covered" : "due_soon", word: "left", n: left };
    }
  }
}
