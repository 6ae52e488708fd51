/**
 * Who may do what to a record, and which steps its life cycle allows: twin of `server/rules/authority.py`
 * over the same tables (Q1-2.1, X-14). A screen hides what this forbids; the server judges again.
 */

import { ACCESS, type Grant, KINDS, type KindName, LIFECYCLES, type Transition } from "../contract/index.ts";
import { filledInStates, stepOf } from "./life-cycle.ts";

/** Whoever acts, with his roles in the space of the record. `inCharge` is asked only where a right needs it. */
export interface Who {
  readonly user: string;
  readonly roles: readonly string[];
  readonly inCharge: () => boolean;
}

export type RecordData = Readonly<Record<string, unknown>>;

export type RefusalCode = "forbidden" | "transition_not_allowed" | "field_required";

/** Why something may not be, in the server's words, and the field concerned if there is one. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly field: string | null;
}

/** Whether he may create this record as it is. */
export function mayCreate(kind: KindName, data: RecordData, who: Who): boolean {
  return createRefusals(kind, data, who).length === 0;
}

/** Whether he may change this unit of merge (`evaluation`, `note`, `corrections`) of a record as it stands. */
export function mayPatch(kind: KindName, unit: string, data: RecordData, who: Who): boolean {
  const patch = ACCESS[kind]?.patch ?? [];
  const grants = patch.find(([name]) => name === unit) ?? patch.find(([name]) => name === "*");
  return (grants?.[1] ?? []).some((grant) => holds(grant, data, who));
}

/**
 * Whether he may take a record to the state `target` now: the step exists, he has the right, and nothing is
 * missing. `data`: the record in its present state with whatever the form has filled in over it.
 */
export function mayStep(kind: KindName, data: RecordData, target: string, who: Who): boolean {
  return stepRefusals(kind, data, target, who).length === 0;
}

/** Whether he may begin that step: as `mayStep`, whatever still has to be filled in. For showing a button. */
export function mayBegin(kind: KindName, data: RecordData, target: string, who: Who): boolean {
  return stepRefusals(kind, data, target, who).every(({ code }) => code === "field_required");
}

/** The fields that are still missing before the state can be `target`, sorted. */
export function missingFor(kind: KindName, data: RecordData, target: string): string[] {
  const cycle = LIFECYCLES[kind];
  if (!cycle) {
    return [];
  }
  const step = stepOf(cycle, data[cycle.field], target);
  return missing(kind, data, target, step);
}

/** Everything that speaks against creating it; empty if he may. */
export function createRefusals(kind: KindName, data: RecordData, who: Who): Refusal[] {
  const grants = ACCESS[kind]?.create ?? [];
  const refused: Refusal[] = grants.some((grant) => holds(grant, data, who)) ? [] : [FORBIDDEN];
  const cycle = LIFECYCLES[kind];
  if (!cycle) {
    return refused;
  }
  const state = data[cycle.field];
  if (!cycle.initial.some((one) => one === state)) {
    return [...refused, { code: "transition_not_allowed", field: cycle.field }];
  }
  return [...refused, ...required(missing(kind, data, String(state)))];
}

/** Everything that speaks against the step; empty if he may take it. */
export function stepRefusals(kind: KindName, data: RecordData, target: string, who: Who): Refusal[] {
  const cycle = LIFECYCLES[kind];
  if (!cycle) {
    return [{ code: "transition_not_allowed", field: null }];
  }
  const refused: Refusal[] = mayPatch(kind, unitOf(kind, cycle.field), data, who) ? [] : [FORBIDDEN];
  const step = stepOf(cycle, data[cycle.field], target);
  if (!step) {
    return [...refused, { code: "transition_not_allowed", field: cycle.field }];
  }
  if (!step.roles.some((role) => who.roles.includes(role))) {
    return [...refused, { code: "forbidden", field: cycle.field }];
  }
  return [...refused, ...required(missing(kind, data, target, step))];
}

const FORBIDDEN: Refusal = { code: "forbidden", field: null };

function holds(grant: Grant, data: RecordData, who: Who): boolean {
  const { level } = data;
  return (
    grant.roles.some((role) => who.roles.includes(role)) &&
    (grant.own === null || data[grant.own] === who.user) &&
    (grant.levels.length === 0 || grant.levels.some((one) => one === level)) &&
    (!grant.in_charge || who.inCharge())
  );
}

function missing(kind: KindName, data: RecordData, target: string, step?: Transition): string[] {
  const needed = new Set([...(filledInStates(kind).get(target) ?? []), ...(step?.requires ?? [])]);
  return [...needed].filter((name) => isEmpty(data[name])).sort();
}

function required(fields: readonly string[]): Refusal[] {
  return fields.map((field) => ({ code: "field_required", field }));
}

function unitOf(kind: KindName, field: string): string {
  const units = Object.entries(KINDS[kind].units);
  return units.find(([, unit]) => unit.fields.includes(field))?.[0] ?? field;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === "" || (Array.isArray(value) && !value.length);
}
