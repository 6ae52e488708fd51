import type { KindSpec } from "../../contract";

/** The value of a merge unit in a record's data: of its one field, or an object with the group's fields. */
export function unitValue(kind: KindSpec, unit: string, data: object): unknown {
  const fields = kind.units[unit]?.fields ?? [];
  const values = data as Record<string, unknown>;
  if (fields.length === 1 && fields[0] === unit) return values[unit] ?? null;
  return Object.fromEntries(fields.map((name) => [name, values[name] ?? null]));
}
