// Rights, steps and who is in charge by the cases of server/rules/cases, as pytest runs them too.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type DeputyAppointment,
  type Finding,
  type InspectorScope,
  type KindName,
  LIFECYCLES,
  type Post,
} from "../contract/index.ts";
import {
  createRefusals,
  mayBegin,
  mayCreate,
  mayPatch,
  mayStep,
  missingFor,
  type RecordData,
  type Refusal,
  stepRefusals,
  type Who,
} from "./access.ts";
import type { Day } from "./days.ts";
import { inCharge } from "./in-charge.ts";
import { nextStates, settle } from "./life-cycle.ts";

function read<T>(name: string): T {
  const file = new URL(`../../../server/rules/cases/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

interface Case {
  name: string;
  kind: KindName;
  data: string | RecordData;
  who: { user: string; roles: string[]; in_charge?: boolean };
}

const file = read<{
  records: Record<string, RecordData>;
  create: (Case & { refused: string[] })[];
  patch: (Case & { unit: string; gives: boolean })[];
  step: (Case & { target: string; refused: string[] | null })[];
}>("access");

const whoOf = ({ who }: Case): Who => ({ ...who, inCharge: () => who.in_charge ?? false });
const dataOf = ({ data }: Case): RecordData => (typeof data === "string" ? (file.records[data] ?? {}) : data);
const written = (refusals: Refusal[]) =>
  refusals.map(({ code, field }) => (field === null ? code : `${code}:${field}`));

describe("rights (Q1-2.1, X-14)", () => {
  it.each(file.create)("create: $name", (row) => {
    expect(written(createRefusals(row.kind, dataOf(row), whoOf(row)))).toEqual(row.refused);
    expect(mayCreate(row.kind, dataOf(row), whoOf(row))).toBe(row.refused.length === 0);
  });
  it.each(file.patch)("patch: $name", (row) => {
    expect(mayPatch(row.kind, row.unit, dataOf(row), whoOf(row))).toBe(row.gives);
  });
});

describe("steps of life cycles (Q1-4.5, Q1-4.6)", () => {
  it.each(file.step)("$name", (row) => {
    const refused = row.refused ?? ["transition_not_allowed"];
    expect(written(stepRefusals(row.kind, dataOf(row), row.target, whoOf(row)))).toEqual(refused);
    expect(mayStep(row.kind, dataOf(row), row.target, whoOf(row))).toBe(refused.length === 0);
    const only = refused.every((code) => code.startsWith("field_required"));
    expect(mayBegin(row.kind, dataOf(row), row.target, whoOf(row))).toBe(only);
    if (only) {
      const fields = refused.map((code) => code.replace("field_required:", ""));
      expect(missingFor(row.kind, dataOf(row), row.target)).toEqual(fields);
    }
  });

  it("lists the next states in the order of the table", () => {
    expect(nextStates("finding", "corrected")).toEqual(["verified", "verification_failed"]);
    expect(nextStates("photo", "x")).toEqual([]);
    expect(missingFor("photo", {}, "x")).toEqual([]);
  });

  it("keeps in a state what every way to it asked for, also round a circle", () => {
    const step = (source: string, target: string, ...requires: string[]) => ({
      source,
      target,
      roles: [],
      requires,
      judges: [],
    });
    const transitions = [
      step("open", "left", "a", "b"),
      step("open", "right", "b", "c"),
      step("left", "end", "d"),
      step("right", "end", "d"),
      step("end", "open"),
      step("end", "end", "z"),
    ];
    const found = settle({ field: "state", initial: ["open"], transitions });
    const sorted = Object.fromEntries([...found].map(([state, fields]) => [state, [...fields].sort()]));
    expect(sorted).toEqual({ open: [], left: ["a", "b"], right: ["b", "c"], end: ["b", "d"] });
    expect(Object.keys(LIFECYCLES)).toContain("finding");
  });
});

describe("who is in charge (Q1-3.4.2a)", () => {
  const charges = read<{
    day: Day;
    scopes: InspectorScope[];
    deputies: DeputyAppointment[];
    cases: {
      name: string;
      user: string;
      finding: Pick<Finding, "found_by">;
      post: Pick<Post, "team" | "item"> | null;
      day?: Day;
      gives: boolean;
    }[];
  }>("in_charge");

  it.each(charges.cases)("$name", ({ user, finding, post, day, gives }) => {
    const { scopes, deputies } = charges;
    expect(inCharge(user, finding, post, scopes, deputies, day ?? charges.day)).toBe(gives);
  });
});
