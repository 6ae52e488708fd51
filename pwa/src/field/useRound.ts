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
}

// The last round of each open tablet: coming back to the list paints it at once, and then reads what changed.
const lastRounds = new WeakMap<Tablet, Kept>();

/** The round as it was last read; `useLiveRound` of the screen above keeps it fresh. */
export function useRound(): RoundView {
  return keptRound(useTablet());
}

function keptRound(tablet: Tablet): Kept {
  const kept = lastRounds.get(tablet) ?? { round: shallowRef(null), records: shallowRef(null) };
  lastRounds.set(tablet, kept);
  return kept;
}

function shows(tablet: Tablet, kept: Kept, records: RoundRecords): void {
  kept.records.value = records;
  kept.round.value = roundOf({ records, user: tablet.user.id, now: tablet.clock.corrected() });
  tablet.shown();
}

/** Reads the round before its screen asks for it. */
export async function warmRound(tablet: Tablet): Promise<void> {
  const kept = keptRound(tablet);
  if (kept.round.value !== null) return;
  try {
    const records = await readRound(tablet.replica, tablet.user.id, tablet.clock.corrected());
    if (kept.round.value === null) shows(tablet, kept, records);
  } catch (error) {
    // The screen reads it again, and says so if that fails too.
    console.error(error);
  }
}

/**
 * Reads the round of the signed-in user while a screen is open: when records change, and when a business day ends
 * (Q1-4.4i). `without`: topics that this screen changes itself, at every touch.
 */
export function useLiveRound(without: readonly string[] = []): RoundView {
  const tablet = useTablet();
  const kept = keptRound(tablet);
  const { replica, user, clock } = tablet;
  const topics = ROUND_TOPICS.filter((topic) => !without.includes(topic));

  const show = (records: RoundRecords) => shows(tablet, kept, records);
  const read = () => readRound(replica, user.id, clock.corrected());
  let stop = replica.queries.watch(topics, read, show);
  // At the turn of the day other units may be mine, so that everything is read again.
  watch(tablet.turn, () => {
    stop();
    stop = replica.queries.watch(topics, read, show);
  });
  onScopeDispose(() => stop());
  return kept;
}
