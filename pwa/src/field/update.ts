import { AppUpdate } from "../sync/update";
import type { Tablet } from "./tablet";

let update: AppUpdate | null = null;
let tablet: Tablet | null = null;

/** A new version of the app waits while this device holds anything unsent. */
export function appUpdate(): AppUpdate {
  update ??= new AppUpdate({
    unsent: async () => {
      if (tablet === null) return 0;
      const { commits, photos } = await tablet.replica.outbox.backlog();
      return commits + photos;
    },
  });
  return update;
}

/** Whose unsent work an update waits for. */
export function updateWaitsFor(next: Tablet | null): void {
  tablet = next;
}
