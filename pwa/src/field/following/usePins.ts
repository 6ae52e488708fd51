import { DeviceKey } from "../../sync/device-key";
import { type PinState, Pins } from "../../sync/pins";
import { type Shell, type Tablet, useShell, useTablet } from "../tablet";

const kept = new WeakMap<Tablet, Pins>();

/** The signing PINs that this tablet knows for its user. */
export function pinsOf(tablet: Tablet, { session, transport }: Shell): Pins {
  const known = kept.get(tablet);
  if (known !== undefined) return known;
  const pins = new Pins(session.store, transport, tablet.user.id);
  kept.set(tablet, pins);
  return pins;
}

export function usePins(): Pins {
  return pinsOf(useTablet(), useShell());
}

export function useDeviceKey(): DeviceKey {
  return new DeviceKey(useShell().session.store);
}

export type { PinState };
