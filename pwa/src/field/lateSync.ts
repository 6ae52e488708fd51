import type { Backlog, Replica } from "../store";
import type { SyncHandle, SyncOptions, SyncStatus } from "../sync";
import { Observable } from "../sync/observable";

// The first chunk imports files of sync one by one: its index names the loop, and would bring all of it along.

/** A sync whose code is loaded after the first paint; until then its status is what the store says. */
export type LateSync = SyncHandle;

function atFirst(backlog: Backlog): SyncStatus {
  return {
    phase: "idle",
    reason: null,
    backlog,
    photos: [],
    parked: [],
    healed: [],
    live: false,
    last_contact: null,
    filling: null,
    storage: null,
  };
}

const painted = () => new Promise<void>((done) => requestAnimationFrame(() => setTimeout(done, 0)));
/** A page in the background paints nothing, and some screens need no list; the sync begins all the same. */
const patience = () => new Promise<void>((done) => setTimeout(done, 1500));

/**
 * Begins to sync once `shown` says that the first screen is there, and it is painted. `backlog`: what is unsent now,
 * so that nobody reads "all sent".
 */
export function startSyncLate(
  replica: Replica,
  options: SyncOptions,
  backlog: Backlog,
  shown: Promise<void>,
): LateSync {
  const status = new Observable<SyncStatus>(atFirst(backlog));
  let stopped = false;
  let end = () => {};

  async function begin(): Promise<SyncHandle | null> {
    await Promise.race([shown.then(painted), patience()]);
    const { startSync } = await import("../sync/loop");
    if (stopped) return null;
    const handle = startSync(replica, options);
    // Its figures come from the store a moment after it began; storage is among the first of them.
    end = handle.status.subscribe((value) => {
      status.set(value.storage === null ? { ...value, backlog: status.value.backlog } : value);
    });
    return handle;
  }

  let begun = begin();
  begun.catch((error) => console.error(error));
  const handle = () => {
    begun = begun.catch(begin);
    return begun;
  };
  return {
    status,
    syncNow: async () => (await handle())?.syncNow(),
    retryPhoto: async (sha256) => (await handle())?.retryPhoto(sha256),
    async stop() {
      stopped = true;
      end();
      await (await begun.catch(() => null))?.stop();
    },
  };
}
