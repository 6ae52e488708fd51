import { DAILY_INSPECTORS, OPENS_OFFICE } from "../../contract";

/** Which of the two apps a person's roles open (`domain.md` section 2). */

export interface Doors {
  field: boolean;
  office: boolean;
}

/** `roles`: codes by space. Nothing known yet: the field app, which says so itself when there is no round. */
export function doorsOf(roles: Readonly<Record<string, readonly string[]>>): Doors {
  const held = new Set(Object.values(roles).flat());
  if (held.size === 0) return { field: true, office: false };
  return {
    field: DAILY_INSPECTORS.some((role) => held.has(role)),
    office: OPENS_OFFICE.some((role) => held.has(role)),
  };
}

/** Where a person begins: at the round if he has one, else in the office. */
export function landingOf(roles: Readonly<Record<string, readonly string[]>>): string {
  const doors = doorsOf(roles);
  if (doors.field) return "/field";
  return doors.office ? "/office" : "/no-role";
}
