// What somebody may do at the desk, by the contract's duties and the roles that he holds, by space.
import type { InjectionKey, Ref } from "vue";
import { DECIDES_CONFLICTS, ENROLS_PINS, REVIEWS_PARKED, RUNS_DEVICES } from "../contract/index.ts";

export type RolesBySpace = Readonly<Record<string, readonly string[] | null>>;

/** The roles of whoever is signed in, which the shell has asked for. */
export const ROLES_HELD: InjectionKey<Ref<RolesBySpace>> = Symbol("roles held");

/** Whether one of these roles is held, in one space or in any. */
export function holds(roles: RolesBySpace, duty: readonly string[], space?: string): boolean {
  const held = space === undefined ? Object.values(roles).flat() : (roles[space] ?? []);
  return held.some((role) => role !== null && duty.includes(role));
}

export interface Doors {
  readonly review: boolean;
  readonly devices: boolean;
  readonly pins: boolean;
}

/** Which screens of the desk are for somebody; the server judges every request again. */
export function doorsAtDesk(roles: RolesBySpace): Doors {
  return {
    review: holds(roles, [...DECIDES_CONFLICTS, ...REVIEWS_PARKED]),
    devices: holds(roles, [...RUNS_DEVICES, ...REVIEWS_PARKED]),
    pins: holds(roles, ENROLS_PINS),
  };
}
