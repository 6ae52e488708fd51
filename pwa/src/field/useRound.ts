import { onScopeDispose, type ShallowRef, shallowRef, watch } from "vue";
import type { RoundRecords } from "./model/records";
import { type Round, roundOf } from "./model/round";
import { ROUND_TOPICS, readRound } from "./readRound";
import { type Tablet, useTablet } from "./tablet";

export interface RoundView {
  /** Null until it was read for the first time. */
  readonly round: Readonly<ShallowRef<Round | null>>;
  readonly records: Readonly<ShallowRef<RoundRecords | null>>;
}

interface Kept {
  round: ShallowRef<Round | null>;
  records: ShallowRef<RoundRecords | null>;
  /** A reading that was begun before its screen asked; null where something changed meanwhile. */
  early: Promise<RoundRecords | null> | null;
}

// The last round of each open tablet: coming back to the list paints it at once, and then reads what changed.
const lastRounds = new WeakMap<Tablet, Kept>();

/** The round as it was last read; `useLiveRound` of the screen above keeps it fresh. */
export function useRound(): RoundView {
  return keptRound(useTablet());
}

function keptRound(tablet: Tablet): Kept {
  const kept = lastRounds.get(tablet) ?? { round: shallowRef(null), records: shallowRef(null), early: null };
  lastRounds.set(tablet, kept);
  return kept;
}

function read({ replica, user, clock }: Tablet): Promise<RoundRecords> {
  return readRound(replica, user.id, clock.corrected());
}

/** Begins to read the round before its screen is there to ask for it. */
export function readRoundEarly(tablet: Tablet): void {
  const kept = keptRound(tablet);
  let changed = false;
  const end = tablet.replica.subscribe(() => {
    changed = true;
  });
  kept.early = read(tablet)
    .then((records) => (changed ? null : records))
    // The screen reads it again, and says so if that fails too.
    .catch(() => null)
    .finally(end);
}

/**
 * Reads the round of the signed-in user while a screen is open: when records change, and when a business day ends
 * (Q1-4.4i). `without`: topics that this screen changes itself, at every touch.
 */
export function useLiveRound(without: readonly string[] = []): RoundView {
  const tablet = useTablet();
  const kept = keptRound(tablet);
  const topics = ROUND_TOPICS.filter((topic) => !without.includes(topic));
  const newest = async (): Promise<RoundRecords> => {
    const early = kept.early;
    kept.early = null;
    return (await early) ?? read(tablet);
  };
  const show = (records: RoundRecords) => {
    kept.records.value = records;
    kept.round.value = roundOf({ records, user: tablet.user.id, now: tablet.clock.corrected() });
    tablet.shown();
  };
  let stop = tablet.replica.queries.watch(topics, newest, show);
  // At the turn of the day other units may be mine, so that everything is read again.
  watch(tablet.turn, () => {
    stop();
    stop = tablet.replica.queries.watch(topics, newest, show);
  });
  onScopeDispose(() => stop());
  return kept;
}
