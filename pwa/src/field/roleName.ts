import { ROLES } from "../contract";
import type { Locale } from "../ui/format";

/** What a role is called, as people here say it; the English one begins small, for the middle of a sentence. */
export function roleName(code: string, locale: Locale): string {
  const role = ROLES[code];
  if (role === undefined) return code;
  return locale === "en" ? role.english.charAt(0).toLowerCase() + role.english.slice(1) : role.chinese;
}
