import type { DueGroup } from "../../rules";
import { matches } from "../model/names";
import type { RoundUnit } from "../model/round";

export type Filter = "all" | "todo" | "done" | "findings";
export const FILTERS: readonly Filter[] = ["all", "todo", "done", "findings"];

/** Headings and units in one run, so that a long list can be drawn in parts. */
export type Row =
  | { kind: "group"; key: DueGroup; group: DueGroup; count: number }
  | { kind: "unit"; key: string; unit: RoundUnit };

const PASSES: Record<Filter, (unit: RoundUnit) => boolean> = {
  all: () => true,
  todo: ({ group }) => group === "overdue" || group === "due_today",
  done: ({ group }) => group === "covered_today",
  findings: ({ openFindings }) => openFindings > 0,
};

/** What the list shows of the round for a search and a filter; units come grouped and in order already. */
export function rowsOf(units: readonly RoundUnit[], search: string, filter: Filter): Row[] {
  const shown = units.filter((unit) => PASSES[filter](unit) && matches(unit.search, search.trim()));
  const counts = new Map<DueGroup, number>();
  for (const { group } of shown) counts.set(group, (counts.get(group) ?? 0) + 1);
  const begun = new Set<DueGroup>();
  return shown.flatMap((unit): Row[] => {
    const row: Row = { kind: "unit", key: unit.id, unit };
    if (begun.has(unit.group)) return [row];
    begun.add(unit.group);
    return [{ kind: "group", key: unit.group, group: unit.group, count: counts.get(unit.group) ?? 0 }, row];
  });
}
