import type { OutboxEntry } from "../../store";

/** Reasons that go away by themselves or by a word of the office: then the commit is taken in without more ado. */
const HEALING = new Set(["not_found", "waiting", "quarantine", "unknown_base", "forbidden", "no_device_key"]);

export type ParkedKind =
  | "check"
  | "evaluation"
  | "signature"
  | "correction"
  | "verification"
  | "finding"
  | "other";

/** The reason's code; `known` are those that have a sentence of their own. */
export function reasonKey(entry: OutboxEntry, known: (code: string) => boolean): string {
  if (entry.state === "aside") return "aside";
  const code = entry.result?.reason?.code ?? "";
  return known(code) ? code : "other";
}

/** What can be done about it. */
export function todoKey(entry: OutboxEntry): "heals" | "stuck" | "aside" | "discarded" {
  if (entry.state === "aside") return "aside";
  const code = entry.result?.reason?.code ?? "";
  if (code === "discarded") return "discarded";
  return HEALING.has(code) ? "heals" : "stuck";
}

/** Who discarded it, when and why, as the server says; `at` is empty for what was discarded before it said so. */
export function discardOf(entry: OutboxEntry): { by: string; at: string; reason: string } {
  const detail = (entry.result?.reason?.detail ?? {}) as { by?: string; at?: string; reason?: string };
  return { by: detail.by ?? "", at: detail.at ?? "", reason: detail.reason ?? "" };
}

/** What the commit is about, by its most telling change, and the unit or record by which it is found. */
export function describe(entry: OutboxEntry): {
  kind: ParkedKind;
  unit: string | null;
  record: string | null;
} {
  const { changes } = entry.commit;
  const of = (kind: string) => changes.find((one) => one.kind === kind);
  const unit = (change: (typeof changes)[number] | undefined) =>
    typeof change?.set?.unit === "string" ? change.set.unit : null;
  const check = of("area_check");
  if (check !== undefined) return { kind: "check", unit: unit(check), record: null };
  const signature = of("signature");
  if (signature !== undefined) return { kind: "signature", unit: unit(signature), record: null };
  const findings = changes.filter((one) => one.kind === "finding");
  const [finding] = findings;
  if (finding === undefined) return { kind: "other", unit: null, record: null };
  const about = { unit: unit(finding), record: finding.record };
  if (findings.some(({ add }) => add?.verifications)) return { kind: "verification", ...about };
  if (findings.some(({ add }) => add?.corrections)) return { kind: "correction", ...about };
  if (findings.some(({ op, set }) => op === "patch" && set?.attribution !== undefined))
    return { kind: "evaluation", ...about };
  return { kind: "finding", ...about };
}
