import type { Finding, Photo, Signature } from "../../contract";
import { type Act, mayBegin, mayPatch, recordLines, type Snapshot, type Who } from "../../rules";
import type { ViewRecord } from "../../store";
import type { Creation, Edit, Patch } from "../../sync";

/** What may be done about a finding next, and the commits that do it (`domain.md` section 5). Pure. */

export type Step = "evaluate" | "sign" | "correct" | "verify" | "close";

type Found = ViewRecord<Finding>;

const OBSERVATION = "OBS";
const CORRECTABLE = ["acknowledged", "correcting", "verification_failed", "conceded"];
/** From these states a finding goes to `correcting` first. */
const BEFORE_CORRECTING = ["evaluated", "acknowledged", "verification_failed", "conceded"];

/** `unsigned`: what the newest signature bound has changed since, so that a new one is asked for. */
export function stepsOf(finding: Found, who: Who, unsigned: boolean): Step[] {
  const { data } = finding;
  const may = (target: string) => mayBegin("finding", { ...data }, target, who);
  const steps: Step[] = [];
  if (data.state === "open" ? may("evaluated") : mayEvaluateAgain(finding, who)) steps.push("evaluate");
  if (
    data.class !== OBSERVATION &&
    data.responsible_person &&
    mayPatch("finding", "state", { ...data }, who)
  ) {
    if (data.state === "evaluated" || (data.state !== "open" && unsigned)) steps.push("sign");
  }
  const unnamed = data.state === "evaluated" && !data.responsible_person && data.class !== OBSERVATION;
  if ((CORRECTABLE.includes(data.state) || unnamed) && mayPatch("finding", "corrections", { ...data }, who))
    steps.push("correct");
  if (data.state === "corrected" && may("verified")) steps.push("verify");
  if (data.state === "evaluated" && data.class === OBSERVATION && may("closed")) steps.push("close");
  return steps;
}

/** Until it is closed, an evaluation may be changed; after a signature that goes to review. */
function mayEvaluateAgain({ data }: Found, who: Who): boolean {
  return !["verified", "closed"].includes(data.state) && mayPatch("finding", "evaluation", { ...data }, who);
}

export interface Evaluation {
  class: NonNullable<Finding["class"]>;
  class_table_version: number | null;
  attribution: NonNullable<Finding["attribution"]>;
  responsible_person: string | null;
  disposition: NonNullable<Finding["disposition"]> | null;
  due_at: string | null;
  present: NonNullable<Finding["present"]>;
  excuse: string;
}

/** What the finding is after an evaluation; presence belongs to the first one, with the step that it is part of. */
export function evaluated(finding: Finding, form: Evaluation): Partial<Finding> {
  const { present, excuse, ...judged } = form;
  if (finding.state !== "open") return judged;
  const reason = present === "excused" ? excuse.trim() : null;
  return { ...judged, state: "evaluated", present, excuse: reason };
}

export function evaluate(seen: Found, form: Evaluation): Patch {
  return { op: "patch", seen, set: evaluated(seen.data, form) };
}

/** A signature, refusal or absence, and the findings that it stands for. */
export function acknowledge(
  snapshot: Snapshot,
  text: string,
  deviceSignature: string,
  findings: readonly Found[],
): Edit[] {
  const { signature: record, act, check, unit, signer, recorded_by, device, signed_at } = snapshot;
  const set: Signature = {
    act,
    check,
    unit,
    findings: findings.map(({ id }) => id),
    signer: signer.id,
    recorded_by: recorded_by.id,
    ...(snapshot.witness === null ? {} : { witness: snapshot.witness.id }),
    ...(snapshot.reason === null ? {} : { reason: snapshot.reason }),
    device,
    signed_at,
    ...(snapshot.clock_offset_ms === null ? {} : { clock_offset_ms: snapshot.clock_offset_ms }),
    lines: recordLines(snapshot.lines),
    snapshot: text,
    device_signature: deviceSignature,
  };
  const readers = new Set([`person:${signer.id}`, `person:${recorded_by.id}`]);
  const made: Creation = {
    op: "create",
    kind: "signature",
    record,
    set,
    audience: ["management", ...readers],
  };
  const patches = findings.map((seen): Patch => {
    const step = seen.data.state === "evaluated" ? { state: "acknowledged" } : {};
    return { op: "patch", seen, set: { ...step, acknowledgement: record } };
  });
  return [made, ...patches];
}

export interface Correcting {
  /** Of the entry, so that a verification can name it. */
  id: string;
  result: string;
  corrected_by: string;
  recorded_by: string;
  corrected_at: string;
  photos: readonly { id: string; record: Photo }[];
}

/** A correction is recorded: its photos, the way to `corrected`, and the entry (Q1-4.6e). */
export function correct(seen: Found, form: Correcting): Edit[] {
  const { id, photos, ...said } = form;
  const made = photos.map(
    (photo): Creation => ({ op: "create", kind: "photo", record: photo.id, set: photo.record }),
  );
  const value = {
    ...said,
    result: said.result.trim(),
    ...(photos.length > 0 ? { photos: photos.map((photo) => photo.id) } : {}),
  };
  const begin: Patch[] = BEFORE_CORRECTING.includes(seen.data.state)
    ? [{ op: "patch", seen, set: { state: "correcting" } }]
    : [];
  const end: Patch = {
    op: "patch",
    seen,
    set: { state: "corrected" },
    add: { corrections: [{ id, value }] },
  };
  return [...made, ...begin, end];
}

export interface Verifying {
  correction: string;
  passed: boolean;
  verified_by: string;
  verified_at: string;
  note: string;
  /** The new deadline where it failed. */
  due_at: string | null;
}

/** A correction is verified: passed closes the finding, failed sends it back with a new deadline (Q1-4.6f). */
export function verify(seen: Found, form: Verifying): Edit[] {
  const { due_at, note, ...said } = form;
  const value = { ...said, ...(note.trim() === "" ? {} : { note: note.trim() }) };
  const judge: Patch = {
    op: "patch",
    seen,
    set: { state: form.passed ? "verified" : "verification_failed" },
    add: { verifications: [{ value }] },
    judged: ["corrections"],
  };
  const onward: Patch = form.passed
    ? { op: "patch", seen, set: { state: "closed" }, judged: ["verifications"] }
    : { op: "patch", seen, set: { state: "correcting", due_at } };
  return [judge, onward];
}

/** An observation needs nothing more. */
export function close(seen: Found): Patch {
  return { op: "patch", seen, set: { state: "closed" } };
}

/** The newest correction that nobody has verified yet. */
export function unverified(finding: Finding) {
  const newest = (finding.corrections ?? []).at(-1);
  const judged = (finding.verifications ?? []).some(({ value }) => value.correction === newest?.id);
  return newest === undefined || judged ? null : newest;
}

export const REASON_WANTED: readonly Act[] = ["refused", "absent"];
