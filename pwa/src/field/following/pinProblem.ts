import type { Outcome } from "../../sync";

/** Why a signing PIN was not set: the key of its words under `follow.pin`, and the code where there are no own words. */
export interface PinProblem {
  word: "offline" | "wrong" | "weak" | "locked" | "limited" | "server";
  code: string;
}

const WORDS: Readonly<Record<string, PinProblem["word"]>> = {
  pin_not_proven: "wrong",
  pin_trivial: "weak",
  pin_locked: "locked",
};

export function pinProblemOf(outcome: Exclude<Outcome<unknown>, { kind: "ok" }>): PinProblem {
  if (outcome.kind === "offline" || outcome.kind === "limited") return { word: outcome.kind, code: "" };
  const known =
    outcome.kind === "refused" || outcome.kind === "failed" ? outcome.problem?.code : outcome.kind;
  const code = known ?? ("status" in outcome ? String(outcome.status) : "");
  return { word: WORDS[code] ?? "server", code };
}
