/** Whether a finding may stand as a change wants it: twin of `server/rules/findings.py` (Q1-3.4, Q1-4.4o to 4.6f). */

import { ENTRY_AUTHORS, type Finding } from "../contract/index.ts";

export type FindingProblemCode =
  | "person_missing"
  | "disposition_not_for_class"
  | "disposition_not_for_team"
  | "deadline_missing"
  | "excuse_missing"
  | "wrong_signature"
  | "signature_needed"
  | "verification_missing"
  | "not_own_entry"
  | "unknown_correction"
  | "corrector_verifies";

export interface FindingProblem {
  code: FindingProblemCode;
  field: string;
}

/**
 * What is known beside the finding. Rows of the tables by code; a code that is in no table is not judged by it.
 * `supplied`: its post is a check point of a subcontracted item. `acknowledgement`: the signature that it names.
 */
export interface FindingFacts {
  id: string;
  author: string | null;
  attributions: Readonly<Record<string, { person: string }>>;
  dispositions: Readonly<
    Record<string, { deadline: string; not_for: readonly string[]; supplier_only: boolean }>
  >;
  classes: Readonly<Record<string, { deadline: string }>>;
  supplied: boolean;
  acknowledgement: { findings: readonly string[]; signer: string } | null;
}

const JUDGED = ["class", "attribution", "responsible_person", "disposition", "due_at"] as const;
const UNSIGNED_STATES: readonly unknown[] = ["open", "evaluated"];
const NO_BREACH = "OBS";

type Data = Partial<Finding>;
interface Entry {
  id: string;
  value: Record<string, unknown>;
}

/** Everything that speaks against this state of a finding; `before` is null when it is created. */
export function findingProblems(before: Data | null, after: Data, facts: FindingFacts): FindingProblem[] {
  const old: Data = before ?? {};
  const found: FindingProblem[] = [];
  const differs = (name: keyof Data) => (old[name] ?? null) !== (after[name] ?? null);
  if (JUDGED.some(differs)) found.push(...evaluation(after, facts));
  if (differs("present") || differs("excuse")) found.push(...presence(after));
  if (differs("acknowledgement")) found.push(...acknowledgement(after, facts));
  if (before !== null && differs("state")) found.push(...state(after));
  if (facts.author !== null) found.push(...entries(old, after, facts.author));
  return found;
}

function evaluation(after: Data, facts: FindingFacts): FindingProblem[] {
  const found: FindingProblem[] = [];
  const attribution = facts.attributions[after.attribution ?? ""];
  if (attribution !== undefined && attribution.person !== "no" && !after.responsible_person)
    found.push({ code: "person_missing", field: "responsible_person" });
  const disposition = facts.dispositions[after.disposition ?? ""];
  if (disposition === undefined) return found;
  const grade = after.class ?? "";
  if (disposition.not_for.includes(grade))
    found.push({ code: "disposition_not_for_class", field: "disposition" });
  if (disposition.supplier_only && !facts.supplied)
    found.push({ code: "disposition_not_for_team", field: "disposition" });
  const row = facts.classes[grade];
  const timed =
    disposition.deadline === "now" ||
    (disposition.deadline === "from_class" && row !== undefined && row.deadline !== "none");
  if (timed && !after.due_at) found.push({ code: "deadline_missing", field: "due_at" });
  return found;
}

function presence(after: Data): FindingProblem[] {
  const missing = after.present === "excused" && (after.excuse ?? "").trim() === "";
  return missing ? [{ code: "excuse_missing", field: "excuse" }] : [];
}

function acknowledgement(after: Data, { id, acknowledgement: signature }: FindingFacts): FindingProblem[] {
  if (!after.acknowledgement) return [];
  const stands = signature?.findings.includes(id) && signature.signer === after.responsible_person;
  return stands ? [] : [{ code: "wrong_signature", field: "acknowledgement" }];
}

function state(after: Data): FindingProblem[] {
  const breach = after.class !== NO_BREACH;
  const signed = Boolean(after.acknowledgement) || !after.responsible_person;
  if (!UNSIGNED_STATES.includes(after.state) && !signed && breach)
    return [{ code: "signature_needed", field: "acknowledgement" }];
  const verdict = newestVerdict(after);
  const passed = (after.state === "verified" || after.state === "closed") && breach;
  if ((passed && verdict !== true) || (after.state === "verification_failed" && verdict !== false))
    return [{ code: "verification_missing", field: "verifications" }];
  return [];
}

/** Whether the newest correction was verified and passed; null: it was not verified. */
export function newestVerdict(finding: Data): boolean | null {
  const newest = elements(finding, "corrections").at(-1);
  if (newest === undefined) return null;
  const verdicts = elements(finding, "verifications").filter(({ value }) => value.correction === newest.id);
  return (verdicts.at(-1)?.value.passed as boolean | undefined) ?? null;
}

/** What is appended is said in the author's own name, and nobody verifies what he corrected himself. */
function entries(before: Data, after: Data, author: string): FindingProblem[] {
  const found: FindingProblem[] = [];
  for (const [name, by] of Object.entries(ENTRY_AUTHORS.finding ?? {})) {
    if (added(before, after, name).some(({ value }) => value[by] !== author))
      found.push({ code: "not_own_entry", field: name });
  }
  const correctors = new Map(
    elements(after, "corrections").map(({ id, value }) => [id, value.corrected_by] as const),
  );
  for (const { value } of added(before, after, "verifications")) {
    const correction = value.correction as string;
    if (!correctors.has(correction)) found.push({ code: "unknown_correction", field: "verifications" });
    else if (correctors.get(correction) === value.verified_by)
      found.push({ code: "corrector_verifies", field: "verifications" });
  }
  return found;
}

function added(before: Data, after: Data, name: string): Entry[] {
  const known = new Set(elements(before, name).map(({ id }) => id));
  return elements(after, name).filter(({ id }) => !known.has(id));
}

function elements(finding: Data, name: string): Entry[] {
  return ((finding as Record<string, unknown>)[name] as Entry[] | null | undefined) ?? [];
}
