// Devices as the list shows and filters them. Pure.
import type { DevicesAnswer } from "../../contract/index.ts";

export type DeviceRow = DevicesAnswer["devices"][number];
export type DeviceState = DeviceRow["state"];

/** What the list can be narrowed to: states, and what asks for a look. */
export const FILTERS = ["active", "revoked", "lost", "quarantine", "unsent", "cannot_sign"] as const;

/** What all users of a device together had not sent at their last contact. */
export function unsentOf(device: DeviceRow): number {
  return device.users.reduce((sum, use) => sum + use.unsent, 0);
}

/** Seconds that the clock was ahead at the latest contact at which it was measured. */
export function offsetOf(device: DeviceRow): number | null {
  return device.users.find((use) => use.clock_offset != null)?.clock_offset ?? null;
}

/** Whether a device is of a kind that was asked for, and says what was searched. */
export function fitting(device: DeviceRow, filter: string, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  const said = [device.name, device.id, ...device.users.map((use) => use.user.name)];
  if (wanted !== "" && !said.some((one) => one.toLowerCase().includes(wanted))) return false;
  if (filter === "quarantine") return device.quarantined > 0;
  if (filter === "unsent") return unsentOf(device) > 0;
  if (filter === "cannot_sign") return !device.can_sign;
  return filter === "" || device.state === filter;
}
