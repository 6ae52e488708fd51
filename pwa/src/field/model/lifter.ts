import { ENROLS_PINS, type Person, type RoleAssignment } from "../../contract";
import type { ViewRecord } from "../../store";

type People = readonly ViewRecord<Person>[];
type Assignments = readonly ViewRecord<RoleAssignment>[];

/**
 * Who of this person's superiors makes codes for signing PINs and lifts their locks: the nearest one first; where none
 * of them does, whoever leads the project centre. Null: nobody is known here by name.
 */
export function lifterOf(
  signer: string,
  people: People,
  assignments: Assignments,
  today: string,
): ViewRecord<Person> | null {
  const known = new Map(people.map((one) => [one.id, one]));
  const holds = (roles: readonly string[]) => (person: string) =>
    assignments.some(({ data }) => data.person === person && roles.includes(data.role) && isNow(data, today));
  const enrols = holds(ENROLS_PINS);
  const passed = new Set([signer]);
  for (let at = known.get(signer)?.data.superior; at && !passed.has(at); at = known.get(at)?.data.superior) {
    passed.add(at);
    const superior = known.get(at);
    if (superior?.data.active && enrols(at)) return superior;
  }
  const leads = holds(["centre_director"]);
  return people.find(({ id, data }) => id !== signer && data.active && leads(id)) ?? null;
}

function isNow({ starts_on, ends_on }: RoleAssignment, today: string): boolean {
  return starts_on <= today && (!ends_on || today <= ends_on);
}
