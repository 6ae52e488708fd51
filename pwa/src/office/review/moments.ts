// Moments in a form's date-time field, always in the business zone (+08:00), whatever the browser's zone.

const ZONE_MS = 8 * 3600_000;

/** `2026-11-23T09:12` for an `<input type="datetime-local">`; empty for nothing. */
export function toField(moment: unknown): string {
  const at = typeof moment === "string" ? Date.parse(moment) : Number.NaN;
  return Number.isNaN(at) ? "" : new Date(at + ZONE_MS).toISOString().slice(0, 16);
}

/** RFC 3339 with the business offset; null for an empty field. */
export function fromField(text: string): string | null {
  if (text === "") return null;
  return `${text.length === 16 ? `${text}:00` : text}+08:00`;
}
