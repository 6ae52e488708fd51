import type { LocksLike } from "./locks";

/** Where the page lies: what tells that it is looked at, or that the network may be back. */
export interface Surroundings {
  /** Calls back on focus, network back, and on going to sleep and waking. Returns the end of it. */
  listen(hooks: { urgent(): void; sleep(): void; wake(): void }): () => void;
  /** `navigator.onLine`: a hint; false only makes a save wait for the next attempt that is due anyway. */
  online(): boolean;
}

export const pageSurroundings: Surroundings = {
  listen({ urgent, sleep, wake }) {
    const ended = new AbortController();
    const { signal } = ended;
    const visibility = () => {
      if (document.visibilityState === "hidden") {
        sleep();
        return;
      }
      wake();
      urgent();
    };
    window.addEventListener("focus", urgent, { signal });
    window.addEventListener("online", urgent, { signal });
    document.addEventListener("visibilitychange", visibility, { signal });
    return () => ended.abort();
  },
  online: () => navigator.onLine,
};

export function browserLocks(): LocksLike | null {
  return typeof navigator === "undefined" ? null : ((navigator.locks as LocksLike | undefined) ?? null);
}

/** A share from 0 up to 1, for jitter. */
export function cryptoShare(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}
