import { computed, onScopeDispose, type Ref, ref, watch } from "vue";
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

/** Calls `load` at most once in `GATHER_MS`, and remembers when it last did. */
class Gathering {
  last = Date.now();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly load: () => void) {}

  now(): void {
    this.last = Date.now();
    this.load();
  }

  soon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.now();
    }, GATHER_MS);
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
  }
}

/**
 * Keeps a screen fresh: reloads on a poke of its space (`null`: any), and polls while the socket is down.
 */
export function useLive(space: () => string | null, load: () => void, query: Query<unknown>): Live {
  const connected = ref(false);
  const updatedAt = ref(0);
  const reading = new Gathering(load);
  const channel = computed<Channel>(() => {
    if (query.problem.value?.kind === "network") return "offline";
    if (connected.value) return "live";
    return updatedAt.value === 0 ? "connecting" : "polling";
  });
  const pokes = new Pokes(socketMaker, {
    poke: (told) => (space() === null || told === space()) && reading.soon(),
    live: (up) => {
      // Pokes sent while the socket was down are gone: read once when it is back.
      if (up && !connected.value) reading.soon();
      connected.value = up;
    },
  });
  void pokes.start();
  const timer = setInterval(() => {
    void pokes.start();
    if (Date.now() - reading.last >= (connected.value ? REFRESH_MS : POLL_MS)) reading.now();
  }, 1000);
  const onFocus = () => document.visibilityState === "visible" && reading.soon();
  document.addEventListener("visibilitychange", onFocus);
  watch(query.answer, (answer) => {
    if (answer) updatedAt.value = Date.now();
  });

  onScopeDispose(() => {
    pokes.stop();
    clearInterval(timer);
    reading.stop();
    document.removeEventListener("visibilitychange", onFocus);
  });
  return { channel, updatedAt };
}
