import { computed, type InjectionKey, inject, type Ref, ref, type ShallowRef, shallowRef } from "vue";
import { KINDS } from "../contract";
import { businessDate } from "../rules";
import { openReplica, type Replica } from "../store";
import type { Session, SessionFacts, SyncStatus, Transport } from "../sync";
import { type ClockMemory, ClockWatch } from "../sync/clock";
import { deviceDisk } from "../sync/disk";
import { dayOf } from "../ui/format";
import { type LateSync, startSyncLate } from "./lateSync";

/** What the page has once and for all: how it talks to the server, and who is signed in. */
export interface Shell {
  readonly transport: Transport;
  readonly session: Session;
}
export const SHELL: InjectionKey<Shell> = Symbol("shell");

/** One user's replica on this device with everything around it; lives from sign-in to sign-out. */
export interface Tablet {
  readonly user: SessionFacts["user"];
  readonly replica: Replica;
  readonly clock: ClockWatch;
  readonly sync: Pick<LateSync, "syncNow" | "retryPhoto">;
  readonly status: Readonly<ShallowRef<SyncStatus>>;
  /** Milliseconds since 1970 by the server's clock, once a second. */
  readonly now: Readonly<Ref<number>>;
  /** Calendar day in the business zone, `2026-11-23`. */
  readonly today: Readonly<Ref<string>>;
  /** Changes when a business day ends, for day and for night shifts; lists are made anew by it. */
  readonly turn: Readonly<Ref<string>>;
  /** Spaces whose first pull was complete when it was opened. */
  readonly followed: ReadonlySet<string>;
  /** The first screen has what it shows: what is not needed for it may begin. */
  shown(): void;
  close(): Promise<void>;
}
export const TABLET: InjectionKey<Tablet> = Symbol("tablet");

export function useShell(): Shell {
  return needed(inject(SHELL), "shell");
}

export function useTablet(): Tablet {
  return needed(inject(TABLET), "tablet");
}

function needed<T>(thing: T | undefined, name: string): T {
  if (thing === undefined) throw new Error(`no ${name} is provided here`);
  return thing;
}

const SECOND = 1000;
/** Where the sync keeps what it knows of the clock. */
const CLOCK_FACT = "clock";

let kept: { user: string; tablet: Promise<Tablet> } | null = null;

/** The one open tablet of the signed-in user; screens come and go, the sync goes on. */
export function tabletFor(shell: Shell, facts: SessionFacts): Promise<Tablet> {
  if (kept?.user !== facts.user.id) {
    void closeTablet();
    const mine = { user: facts.user.id, tablet: openTablet(shell, facts) };
    mine.tablet.catch(() => {
      if (kept === mine) kept = null;
    });
    kept = mine;
  }
  return kept.tablet;
}

/** Ends the sync of whoever was signed in; what is unsent stays on the device. */
export async function closeTablet(): Promise<void> {
  const last = kept;
  kept = null;
  await (await last?.tablet.catch(() => null))?.close();
}

/** Opens what this user has on the device and begins to sync; nothing here waits for the network. */
export async function openTablet(shell: Shell, facts: SessionFacts): Promise<Tablet> {
  const clock = new ClockWatch();
  const replica = await openReplica({
    server: location.origin,
    user: facts.user.id,
    kinds: KINDS,
    stamp: clock.stamp,
    disk: deviceDisk(),
    firstN: await shell.session.firstN(facts.user.id),
  });
  const [memory, backlog, cursors] = await Promise.all([
    replica.fact<ClockMemory>(CLOCK_FACT),
    replica.outbox.backlog(),
    replica.cursors(),
  ]);
  clock.recall(memory);
  const { shown, isShown } = firstScreen();
  const sync = startSyncLate(replica, { ...shell, watch: clock }, backlog, shown);
  const status = shallowRef(sync.status.value);
  const end = sync.status.subscribe((value) => {
    status.value = value;
  });
  const { now, stop } = startTicking(clock);
  return {
    ...{ user: facts.user, replica, clock, sync, status, now },
    today: computed(() => dayOf(now.value)),
    turn: computed(() => `${businessDate(now.value, "day")} ${businessDate(now.value, "night")}`),
    followed: new Set(cursors.map(({ space }) => space)),
    shown: isShown,
    async close() {
      stop();
      end();
      await sync.stop();
      replica.close();
    },
  };
}

function firstScreen(): { shown: Promise<void>; isShown: () => void } {
  let isShown = () => {};
  const shown = new Promise<void>((resolve) => {
    isShown = resolve;
  });
  return { shown, isShown };
}

/** The corrected time once a second, and at once when the page wakes: timers sleep with it. */
function startTicking(clock: ClockWatch): { now: Ref<number>; stop(): void } {
  const now = ref(clock.corrected());
  const tick = () => {
    now.value = clock.corrected();
  };
  const timer = setInterval(tick, SECOND);
  document.addEventListener("visibilitychange", tick);
  window.addEventListener("focus", tick);
  return {
    now,
    stop() {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", tick);
      window.removeEventListener("focus", tick);
    },
  };
}
