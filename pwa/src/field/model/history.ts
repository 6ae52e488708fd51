import type { AreaCheck, Finding } from "../../contract";
import type { ViewRecord } from "../../store";
import type { Records } from "./records";

/** One earlier check of a unit. */
export interface PastCheck {
  readonly check: ViewRecord<AreaCheck>;
  readonly minutes: number;
  readonly conforming: number;
  readonly applicable: number;
  /** Failed items with what became of each; finding null: not on this device. */
  readonly failed: readonly { item: string; finding: ViewRecord<Finding> | null }[];
}

/** Newest first, by the end of the check. `checks` and `findings` of one unit. */
export function pastChecks(checks: Records<AreaCheck>, findings: Records<Finding>, most = 3): PastCheck[] {
  return newestFirst(checks)
    .slice(0, most)
    .map((check) => {
      const { results, started_at, ended_at } = check.data;
      const failed = results.filter(({ result }) => result === "nonconform");
      const of = findings.filter(({ data }) => data.check === check.id);
      return {
        check,
        minutes: Math.max(1, Math.round((Date.parse(ended_at) - Date.parse(started_at)) / 60_000)),
        conforming: results.filter(({ result }) => result === "conform").length,
        applicable: results.filter(({ result }) => result !== "not_applicable").length,
        failed: failed.map(({ item }) => ({
          item,
          finding: of.find(({ data }) => data.item === item) ?? null,
        })),
      };
    });
}

/** Items that failed in at least two checks in a row, the newest included, with how many in a row. */
export function failingInARow(checks: Records<AreaCheck>): { item: string; times: number }[] {
  const ordered = newestFirst(checks);
  const failedIn = ({ data }: ViewRecord<AreaCheck>) =>
    new Set(data.results.filter(({ result }) => result === "nonconform").map(({ item }) => item));
  const [newest, ...earlier] = ordered.map(failedIn);
  return [...(newest ?? [])].flatMap((item) => {
    const broken = earlier.findIndex((failed) => !failed.has(item));
    const times = 1 + (broken < 0 ? earlier.length : broken);
    return times < 2 ? [] : [{ item, times }];
  });
}

function newestFirst(checks: Records<AreaCheck>): ViewRecord<AreaCheck>[] {
  return checks.toSorted((a, b) => Date.parse(b.data.ended_at) - Date.parse(a.data.ended_at));
}
