// A decision as it is being made: what is chosen, why, and what becomes of it when something came meanwhile.
import type { ConflictAnswer, ResolveRequest } from "../../contract/index.ts";
import { competing } from "./sides.ts";
import { fieldOf, same, WHOLE } from "./values.ts";

export type Choice = { readonly side: string } | "third" | null;

export interface Draft {
  choice: Choice;
  reason: string;
  /** The value entered, in the form of the unit's; null until the editor was opened. */
  third: { value: unknown } | null;
}

export const MOST_REASON = 1000;

export function emptyDraft(): Draft {
  return { choice: null, reason: "", third: null };
}

/** A value to begin editing from: the current one, and of a list whatever any side has. */
export function beginning(answer: ConflictAnswer): unknown {
  const { unit } = answer.row;
  if (unit !== WHOLE && answer.fields.length > 1) {
    const value = { ...(answer.current.value as Record<string, unknown> | null) };
    for (const field of answer.fields) value[field] ??= null;
    // The table by which the class is judged goes with it, and nobody enters its number.
    const versions = competing(answer).map((side) => tableOf(answer, side.value));
    if ("class_table_version" in value) value.class_table_version = Math.max(0, ...versions) || null;
    return value;
  }
  return structuredClone(answer.current.value ?? null);
}

function tableOf(answer: ConflictAnswer, value: unknown): number {
  return Number(fieldOf(answer.row.unit, answer.fields, "class_table_version", value) ?? 0);
}

/** The value that a draft decides for; only of a draft without a problem. */
export function decidedValue(answer: ConflictAnswer, draft: Draft): unknown {
  const { choice } = draft;
  if (choice === "third") return draft.third?.value ?? null;
  return competing(answer).find((side) => side.change === choice?.side)?.value ?? null;
}

/** What a draft still lacks. */
export function lacks(answer: ConflictAnswer, draft: Draft): "choice" | "reason" | null {
  const { choice } = draft;
  if (choice === null) return "choice";
  if (choice === "third" && draft.third === null) return "choice";
  if (choice !== "third" && !competing(answer).some((side) => side.change === choice.side)) return "choice";
  return draft.reason.trim() === "" ? "reason" : null;
}

/** What is sent. The same decision sent again after a lost answer keeps its id, so that it counts once. */
export class Sending {
  private last = { content: "", commit: "" };

  constructor(private readonly newId: () => string) {}

  request(answer: ConflictAnswer, draft: Draft): ResolveRequest {
    const rest = { seen: answer.seen, value: decidedValue(answer, draft), reason: draft.reason.trim() };
    const content = JSON.stringify([answer.row.id, rest]);
    if (content !== this.last.content) this.last = { content, commit: this.newId() };
    return { commit: this.last.commit, ...rest };
  }
}

/** Whether something that a decision must have seen came since `shown`: another side, or the decision itself. */
export function hasMoved(shown: ConflictAnswer, present: ConflictAnswer): boolean {
  if (shown.row.state !== present.row.state) return true;
  return !same([...shown.seen].sort(), [...present.seen].sort());
}

/**
 * A draft carried over to the present state after 409 or a look at what came: the reason and the value entered
 * stay; the chosen side only if it still competes, because another value may stand in its place.
 */
export function carriedOver(draft: Draft, present: ConflictAnswer): Draft {
  const { choice } = draft;
  const gone =
    choice !== null && choice !== "third" && !competing(present).some((side) => side.change === choice.side);
  return { ...draft, choice: gone ? null : choice };
}

/** The conflict to open after this one: the next in the list, else the one before; null if none is left. */
export function nextOf(ids: readonly string[], current: string): string | null {
  const at = ids.indexOf(current);
  return ids[at + 1] ?? ids[at - 1] ?? null;
}
