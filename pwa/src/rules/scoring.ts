/** Score and conformity rate of a check: twin of `server/rules/scoring.py` (Q1-3.3c). */

import type { CheckItem } from "../contract/index.ts";
import type { Result } from "./completeness.ts";

const CAP_TENTHS = 790; // a failed item of default class SER caps the score at 79

/** In tenths (600 = 60.0), so that both languages agree to the digit; null where nothing applied. */
export interface Score {
  readonly score_tenths: number | null;
  readonly conformity_tenths: number | null;
  readonly capped: boolean;
}

/** Weight of the conforming items / weight of the applicable items x 100, one decimal, halves up. */
export function score(
  items: readonly Pick<CheckItem, "code" | "weight" | "proposed_class">[],
  results: readonly { readonly item: string; readonly result: Result | null }[],
): Score {
  const known = new Map(items.map((item) => [item.code, item]));
  const judged = results.flatMap((row) => {
    const item = known.get(row.item);
    const applies = row.result === "conform" || row.result === "nonconform";
    return item && applies ? [{ item, conforms: row.result === "conform" }] : [];
  });
  if (judged.length === 0) {
    return { score_tenths: null, conformity_tenths: null, capped: false };
  }
  const conforming = judged.filter((entry) => entry.conforms);
  const weigh = (entries: typeof judged) => entries.reduce((sum, entry) => sum + entry.item.weight, 0);
  const points = tenths(weigh(conforming), weigh(judged));
  const serious = judged.some((entry) => entry.item.proposed_class === "SER" && !entry.conforms);
  const capped = serious && points > CAP_TENTHS;
  return {
    score_tenths: capped ? CAP_TENTHS : points,
    conformity_tenths: tenths(conforming.length, judged.length),
    capped,
  };
}

function tenths(part: number, whole: number): number {
  return Math.floor((2000 * part + whole) / (2 * whole));
}
