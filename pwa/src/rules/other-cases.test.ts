// Inspection time, completeness, items and scores by the cases of server/rules/cases, as pytest runs them too.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CheckItem } from "../contract/index.ts";
import {
  type ItemRule,
  problems,
  type Result,
  type ResultDraft,
  type UnitKind,
  unitItems,
} from "./completeness.ts";
import type { Day } from "./days.ts";
import { inspectionTime } from "./inspection-time.ts";
import { score } from "./scoring.ts";

function read<T>(name: string): T {
  const file = new URL(`../../../server/rules/cases/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

interface TimeCase {
  name: string;
  units: number;
  visits: { business_date: Day; started_at: string; ended_at: string }[];
  days: Record<Day, { seconds: number; target_seconds: number; short: boolean }>;
}

describe("inspection time (Q1-4.3a)", () => {
  it.each(read<TimeCase[]>("inspection_time"))("$name", (row) => {
    const visits = row.visits.map((visit) => ({
      business_date: visit.business_date,
      started_at: Date.parse(visit.started_at),
      ended_at: Date.parse(visit.ended_at),
    }));
    const found = inspectionTime(visits, row.units);
    expect(Object.fromEntries(found)).toEqual(row.days);
    expect([...found.keys()]).toEqual(Object.keys(row.days).sort());
  });
});

describe("completeness (Q1-4.4g, Q1-4.4q)", () => {
  const file = read<{
    items: ItemRule[];
    cases: {
      name: string;
      results: ResultDraft[];
      started_at?: string | null;
      ended_at?: string | null;
      problems: unknown[];
    }[];
  }>("completeness");

  it.each(file.cases)("$name", (row) => {
    const startedAt = row.started_at === undefined ? "2026-11-23T09:00:00+08:00" : row.started_at;
    const endedAt = row.ended_at === undefined ? "2026-11-23T09:05:00+08:00" : row.ended_at;
    expect(problems(file.items, row.results, startedAt, endedAt)).toEqual(row.problems);
  });
});

describe("items of a unit (domain 8)", () => {
  const file = read<{
    items: Pick<CheckItem, "code" | "discipline" | "order">[];
    post_types: { code: string; items: string[] }[];
    cases: { name: string; unit: UnitKind; gives: string[] }[];
  }>("unit_items");

  it.each(file.cases)("$name", ({ unit, gives }) => {
    expect(unitItems(file.items, file.post_types, unit).map((item) => item.code)).toEqual(gives);
  });
});

interface ScoreCase {
  name: string;
  items: Pick<CheckItem, "code" | "weight" | "proposed_class">[];
  results: { item: string; result: Result | null }[];
  score_tenths: number | null;
  conformity_tenths: number | null;
  capped: boolean;
}

describe("score (Q1-3.3c)", () => {
  it.each(read<ScoreCase[]>("scoring"))("$name", ({ items, results, ...expected }) => {
    const { score_tenths, conformity_tenths, capped } = expected;
    expect(score(items, results)).toEqual({ score_tenths, conformity_tenths, capped });
  });
});
