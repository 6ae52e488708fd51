import { onScopeDispose, type Ref, ref, watch } from "vue";
import { Pokes, socketMaker } from "../sync/socket.ts";
import type { Query } from "./useQuery.ts";

/** `live`: pokes come in; `polling`: the socket is down, the server answers; `offline`: it does not answer. */
export type Channel = "connecting" | "live" | "polling" | "offline";

export interface Live {
  readonly channel: Ref<Channel>;
  /** When the screen last had fresh data, epoch milliseconds. */
  readonly updatedAt: Ref<number>;
}

const POLL_MS = 15_000;
// States change with the clock too (a due day ends), and a poke may be lost: it costs only delay (I16).
const REFRESH_MS = 60_000;
// Several commits often land together; one reading serves them all, well within the 5 s of X-10.
const GATHER_MS = 300;

/**
 * Keeps a screen fresh: reloads on a poke of its space (`null`: any), and polls while the socket is down.
 */
export function useLive(space: () => string | null, load: () => void, query: Query<unknown>): Live {
  const connected = ref(false);
  const channel = ref<Channel>("connecting");
  const updatedAt = ref(0);
  let gather: ReturnType<typeof setTimeout> | null = null;
  let last = Date.now();

  function reload(): void {
    last = Date.now();
    load();
  }
  function soon(): void {
    gather ??= setTimeout(() => {
      gather = null;
      reload();
    }, GATHER_MS);
  }
  function judge(): void {
    if (query.problem.value?.kind === "network") channel.value = "offline";
    else channel.value = connected.value ? "live" : "polling";
  }

  const pokes = new Pokes(socketMaker, {
    poke: (told) => {
      if (space() === null || told === space()) soon();
    },
    live: (up) => {
      // Pokes sent while the socket was down are gone: read once when it is back.
      if (up && !connected.value) soon();
      connected.value = up;
      judge();
    },
  });
  void pokes.start();
  const timer = setInterval(() => {
    void pokes.start();
    if (Date.now() - last >= (connected.value ? REFRESH_MS : POLL_MS)) reload();
  }, 1000);
  const onFocus = () => document.visibilityState === "visible" && soon();
  document.addEventListener("visibilitychange", onFocus);
  watch(query.problem, judge);
  watch(query.answer, (answer) => {
    if (answer) updatedAt.value = Date.now();
  });

  onScopeDispose(() => {
    pokes.stop();
    clearInterval(timer);
    if (gather) clearTimeout(gather);
    document.removeEventListener("visibilitychange", onFocus);
  });
  return { channel, updatedAt };
}
