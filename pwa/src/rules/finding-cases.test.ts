// Findings and their deadlines by the cases of server/rules/cases, as pytest runs them too.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Finding } from "../contract/index.ts";
import type { Shift } from "./business-date.ts";
import { dueAt, type GradeRow } from "./deadlines.ts";
import { type FindingFacts, findingProblems } from "./findings.ts";

function read<T>(name: string): T {
  const file = new URL(`../../../server/rules/cases/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

describe("findings (Q1-3.4, Q1-4.4o to 4.6f)", () => {
  const file = read<{
    tables: Pick<FindingFacts, "attributions" | "dispositions" | "classes">;
    cases: {
      name: string;
      before: Partial<Finding>;
      after: Partial<Finding>;
      facts: Partial<FindingFacts>;
      problems: unknown[];
    }[];
  }>("findings");

  it.each(file.cases)("$name", ({ before, after, facts, problems }) => {
    const known = {
      id: "f1",
      author: null,
      supplied: false,
      acknowledgement: null,
      ...file.tables,
      ...facts,
    };
    expect(findingProblems(before, after, known)).toEqual(problems);
  });
});

describe("deadlines (domain 7.1, 7.3)", () => {
  const cases =
    read<
      {
        name: string;
        grade: GradeRow;
        disposition: { deadline: string };
        at: string;
        shift: Shift;
        supplied: boolean;
        due_at: string | null;
      }[]
    >("deadlines");

  it.each(cases)("$name", (row) => {
    const found = dueAt(row.grade, row.disposition, Date.parse(row.at), row.shift, row.supplied);
    expect(found).toBe(row.due_at === null ? null : Date.parse(row.due_at));
  });
});
