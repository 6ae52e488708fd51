import type { OutboxEntry } from "../../store";

const KNOWN = new Set([
  "not_found",
  "waiting",
  "quarantine",
  "unknown_base",
  "signed",
  "too_large",
  "too_many_changes",
  "discarded",
  "forbidden",
  "not_allowed",
]);

/** Key of the sentence for why a commit is stuck; codes that no user can act on share one. */
export function reasonKey(entry: OutboxEntry): string {
  if (entry.state === "aside") return "aside";
  const code = entry.result?.reason?.code ?? "";
  return KNOWN.has(code) ? code : "other";
}

/** What the commit is about, by its most telling change. */
export function describe(entry: OutboxEntry): { kind: "check" | "finding" | "other"; unit: string | null } {
  const { changes } = entry.commit;
  const unitOf = (kind: string) => {
    const change = changes.find((one) => one.kind === kind);
    const unit = change?.set?.unit;
    return change === undefined ? undefined : typeof unit === "string" ? unit : null;
  };
  const check = unitOf("area_check");
  if (check !== undefined) return { kind: "check", unit: check };
  const finding = unitOf("finding");
  return finding === undefined ? { kind: "other", unit: null } : { kind: "finding", unit: finding };
}
