// What the coverage board shows, computed from one answer of `GET /coverage/{space}` (Q1-4.4j). Pure.
import type { CoverageAnswer } from "../../contract/index.ts";

export type CoverageUnit = CoverageAnswer["units"][number];
export type CoverageState = CoverageUnit["state"];
export type Grouping = "team" | "inspector" | "post";

/** Most urgent first; also the order of cells within a row. */
export const STATE_ORDER: readonly CoverageState[] = [
  "overdue",
  "unconfirmed",
  "due_soon",
  "never_checked",
  "covered",
  "paused",
];

export interface BoardRow {
  readonly id: string;
  readonly name: string;
  readonly nameEn: string;
  /** Who answers for the row: the team's lead, the item's inspector. */
  readonly person: string;
  readonly units: readonly CoverageUnit[];
  /** Units that are within their three working days (neither overdue nor unconfirmed). */
  readonly inTime: number;
  readonly lastContact: string | null;
  readonly unsent: number;
}

export interface BoardFilter {
  readonly text: string;
  readonly state: CoverageState | "";
}

/** Units per state; every state is there, also with none. */
export function countStates(units: readonly CoverageUnit[]): Record<CoverageState, number> {
  const counts = Object.fromEntries(STATE_ORDER.map((state) => [state, 0])) as Record<CoverageState, number>;
  for (const unit of units) counts[unit.state] += 1;
  return counts;
}

function byUrgency(a: CoverageUnit, b: CoverageUnit): number {
  const states = STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state);
  if (states !== 0) return states;
  return (a.due_on ?? "9999").localeCompare(b.due_on ?? "9999") || a.code.localeCompare(b.code);
}

/** Names by id, of teams, items, persons and posts. */
export function namesOf(answer: CoverageAnswer): Map<string, { name: string; nameEn: string; lead: string }> {
  const names = new Map<string, { name: string; nameEn: string; lead: string }>();
  for (const group of answer.groups) {
    names.set(group.id, { name: group.name, nameEn: group.name_en ?? group.name, lead: group.lead ?? "" });
  }
  for (const post of answer.posts) {
    names.set(post.post, { name: post.name, nameEn: post.name_en ?? post.name, lead: "" });
  }
  return names;
}

function keyOf(unit: CoverageUnit, by: Grouping): string {
  if (by === "post") return unit.post;
  if (by === "inspector") return unit.inspector ?? "";
  return unit.team ?? unit.item ?? "";
}

// Teams first, then what is subcontracted, then the rest; each by code.
const SORTS = ["team", "subcontract_item", "other_item"];

function orderOf(answer: CoverageAnswer): Map<string, string> {
  return new Map(
    answer.groups.map((group) => [group.id, `${SORTS.indexOf(group.kind)} ${group.code ?? group.name}`]),
  );
}

/** Rows of the board: units grouped, filtered, most urgent first within the row; rows by team and item. */
export function boardRows(answer: CoverageAnswer, by: Grouping, filter: BoardFilter): BoardRow[] {
  const names = namesOf(answer);
  const order = orderOf(answer);
  const place = (unit: CoverageUnit) => `${order.get(unit.team ?? unit.item ?? "") ?? "9"} ${unit.code}`;
  const groups = new Map<string, CoverageUnit[]>();
  for (const unit of [...answer.units].sort((a, b) => (place(a) < place(b) ? -1 : 1))) {
    if (!matches(unit, filter, names)) continue;
    const key = keyOf(unit, by);
    const row = groups.get(key);
    if (row) row.push(unit);
    else groups.set(key, [unit]);
  }
  return [...groups].map(([id, units]) => rowOf(id, units, names));
}

function rowOf(id: string, units: CoverageUnit[], names: ReturnType<typeof namesOf>): BoardRow {
  const named = names.get(id);
  const contacts = units.map((unit) => unit.last_contact_at ?? "").filter((moment) => moment !== "");
  const inspectors = [...new Set(units.map((unit) => unit.inspector ?? ""))];
  return {
    id,
    name: named?.name ?? "",
    nameEn: named?.nameEn ?? "",
    person: inspectors
      .map((person) => names.get(person)?.name ?? "")
      .filter(Boolean)
      .join("、"),
    units: units.sort(byUrgency),
    inTime: units.filter((unit) => unit.state !== "overdue" && unit.state !== "unconfirmed").length,
    lastContact: contacts.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1) ?? null,
    unsent: Math.max(0, ...units.map((unit) => unit.unsent ?? 0)),
  };
}

function matches(unit: CoverageUnit, filter: BoardFilter, names: ReturnType<typeof namesOf>): boolean {
  if (filter.state !== "" && unit.state !== filter.state) return false;
  const wanted = filter.text.trim().toLowerCase();
  if (wanted === "") return true;
  const parts = [unit.code, unit.name, unit.name_en ?? ""];
  for (const id of [unit.post, unit.team, unit.item, unit.inspector]) {
    const named = id ? names.get(id) : undefined;
    if (named) parts.push(named.name, named.nameEn);
  }
  return parts.some((part) => part.toLowerCase().includes(wanted));
}

/** Inspectors with units that fall due on the next working day, most units first. */
export function dueNextByInspector(answer: CoverageAnswer): Array<{ inspector: string; units: number }> {
  const counts = new Map<string, number>();
  for (const unit of answer.units) {
    if (unit.state !== "due_soon" || unit.working_days_left !== 1) continue;
    const inspector = unit.inspector ?? "";
    counts.set(inspector, (counts.get(inspector) ?? 0) + 1);
  }
  return [...counts]
    .map(([inspector, units]) => ({ inspector, units }))
    .sort((a, b) => b.units - a.units || a.inspector.localeCompare(b.inspector));
}

/** Units somebody must look at now: overdue, then unconfirmed. */
export function needingAttention(answer: CoverageAnswer): CoverageUnit[] {
  return answer.units
    .filter((unit) => unit.state === "overdue" || unit.state === "unconfirmed")
    .sort(byUrgency);
}

/** The rows that are shown as CSV with a byte order mark, so that Excel reads Chinese. */
export function toCsv(header: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const cell = (text: string) => {
    // A leading = + - @ would be a formula in a spreadsheet.
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return `\uFEFF${[header, ...rows].map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
