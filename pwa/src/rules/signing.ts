/**
 * What a signature says and what has become of it since (Q1-4.4o, X-07, decision 0013). The sheet on the screen is
 * drawn from the snapshot that is signed, so that nobody signs anything else than he reads.
 */

import { type Finding, SIGNED_LINES, type Signature } from "../contract/index.ts";

/** A person, post, area or code as it was shown. */
export interface Shown {
  id: string;
  name: string;
}
export interface ShownPlace extends Shown {
  code: string;
}
export interface ShownCode {
  code: string;
  name: string;
}

/** One finding as the signer reads it. */
export interface SheetFinding {
  record: string;
  post: ShownPlace;
  area: ShownPlace | null;
  item: { code: string; name: string; criterion: string };
  description: string;
  no_photo_reason: string | null;
  photos: { id: string; sha256: string }[];
  class: ShownCode;
  attribution: ShownCode;
  responsible_person: Shown | null;
}

/** The same for machines: a unit of a record with the version shown and the values that are bound. */
export interface SheetLine {
  record: string;
  unit: string;
  version: string;
  fields: string[];
  value: Record<string, unknown>;
}

export type Act = Signature["act"];
/** x and y in ten-thousandths of the pad's width, milliseconds since the first touch. */
export type Stroke = [number, number, number][];

export interface Snapshot {
  form: string;
  signature: string;
  act: Act;
  check: string;
  unit: string;
  device: string;
  signer: Shown;
  recorded_by: Shown;
  witness: Shown | null;
  reason: string | null;
  signed_at: string;
  clock_offset_ms: number | null;
  identified: { by: "pin"; pin_version: number } | { by: "none" };
  language: string;
  findings: SheetFinding[];
  lines: SheetLine[];
  strokes: Stroke[];
  /** Instead of strokes, for whoever does not write by hand. */
  typed_name: string | null;
}

/** What a snapshot is about, before anybody has signed: what the sheet shows. */
export type Sheet = Pick<Snapshot, "check" | "unit" | "signer" | "findings" | "lines">;

/** A finding with the changes that wrote its units. */
export interface VersionedFinding {
  readonly id: string;
  readonly data: Finding;
  readonly created_by_change: string;
  readonly versions: Readonly<Record<string, string | null>>;
}

/** The lines of one finding, in the order of the contract. */
export function linesOf(finding: VersionedFinding): SheetLine[] {
  return (SIGNED_LINES.finding ?? []).map(({ unit, fields }) => ({
    record: finding.id,
    unit,
    version: finding.versions[unit] ?? finding.created_by_change,
    fields: fields.length > 0 ? [...fields] : [unit],
    value: Object.fromEntries(
      (fields.length > 0 ? fields : [unit]).map((name) => [name, bound(finding.data, name)]),
    ),
  }));
}

/** The record's lines: what queries need of the sheet's. */
export function recordLines(lines: readonly SheetLine[]): Signature["lines"] {
  return lines.map(({ record, unit, version, fields }) => ({ record, unit, version, fields }));
}

/** A bound field whose value is another one now. */
export interface Difference {
  unit: string;
  field: string;
  signed: unknown;
  present: unknown;
}

/** What has changed of a finding since it was shown for a signature; empty: the signature covers it as it stands. */
export function changedSince(snapshot: Pick<Snapshot, "lines">, finding: VersionedFinding): Difference[] {
  const found: Difference[] = [];
  for (const line of snapshot.lines) {
    if (line.record !== finding.id) continue;
    for (const field of line.fields) {
      const present = bound(finding.data, field);
      const signed = line.value[field] ?? null;
      if (JSON.stringify(signed) !== JSON.stringify(present))
        found.push({ unit: line.unit, field, signed, present });
    }
  }
  return found;
}

function bound(data: Finding, field: string): unknown {
  const value = (data as unknown as Record<string, unknown>)[field] ?? null;
  // An empty list and none at all are the same.
  return Array.isArray(value) && value.length === 0 ? null : value;
}
