/** Which of the two apps a person's roles open (`domain.md` section 2). */

const FIELD = ["team_lead", "subcontract_owner", "appointed_inspector", "deputy"];
const OFFICE = [
  "supervisor",
  "department_manager",
  "centre_director",
  "project_property_leader",
  "project_general_manager",
  "quality_staff",
  "quality_manager",
  "sync_reviewer",
  "branch_user",
  "administrator",
  "weekly_statistician",
];

export interface Doors {
  field: boolean;
  office: boolean;
}

/** `roles`: codes by space. Nothing known yet: the field app, which says so itself when there is no round. */
export function doorsOf(roles: Readonly<Record<string, readonly string[]>>): Doors {
  const held = new Set(Object.values(roles).flat());
  if (held.size === 0) return { field: true, office: false };
  return { field: FIELD.some((role) => held.has(role)), office: OFFICE.some((role) => held.has(role)) };
}

/** Where a person begins: at the round if he has one, else in the office. */
export function landingOf(roles: Readonly<Record<string, readonly string[]>>): string {
  const doors = doorsOf(roles);
  if (doors.field) return "/field";
  return doors.office ? "/office" : "/no-role";
}
