/** Life cycles as tables: the step between two states, and what a state cannot be without (Q1-4.5, Q1-4.6). */

import { type KindName, LIFECYCLES, type Lifecycle, type Transition } from "../contract/index.ts";

/** The step from one state to another, if the life cycle has it. */
export function stepOf(cycle: Lifecycle, source: unknown, target: unknown): Transition | undefined {
  return cycle.transitions.find((step) => step.source === source && step.target === target);
}

/** The states that a record can go to from where it is, in the order of the table. */
export function nextStates(kind: KindName, source: unknown): string[] {
  const steps = LIFECYCLES[kind]?.transitions ?? [];
  return steps.filter((step) => step.source === source).map((step) => step.target);
}

const known = new Map<KindName, ReadonlyMap<string, ReadonlySet<string>>>();

/** Per state the fields that every way to it has required: they may not be empty in it. */
export function filledInStates(kind: KindName): ReadonlyMap<string, ReadonlySet<string>> {
  const cycle = LIFECYCLES[kind];
  const found = known.get(kind) ?? (cycle ? settle(cycle) : new Map<string, ReadonlySet<string>>());
  known.set(kind, found);
  return found;
}

/** From "everything" downwards until nothing changes, as `filled_in_states` does on the server. */
export function settle(cycle: Lifecycle): Map<string, ReadonlySet<string>> {
  const everything = new Set(cycle.transitions.flatMap((step) => step.requires));
  const states = cycle.transitions.flatMap((step) => [step.source, step.target]);
  let filled = new Map<string, ReadonlySet<string>>(states.map((state) => [state, everything]));
  for (const state of cycle.initial) {
    filled.set(state, new Set());
  }
  for (;;) {
    const next = new Map([...filled.keys()].map((state) => [state, onEveryWay(cycle, filled, state)]));
    if ([...next].every(([state, fields]) => fields.size === filled.get(state)?.size)) {
      return filled;
    }
    filled = next;
  }
}

function onEveryWay(
  cycle: Lifecycle,
  filled: ReadonlyMap<string, ReadonlySet<string>>,
  state: string,
): ReadonlySet<string> {
  const steps = cycle.initial.includes(state) ? [] : cycle.transitions.filter((s) => s.target === state);
  const ways = steps.map((step) => new Set([...(filled.get(step.source) ?? []), ...step.requires]));
  const [first, ...others] = ways;
  return new Set([...(first ?? [])].filter((name) => others.every((way) => way.has(name))));
}
