import type { ClockStamp } from "../store";

/** The two clocks of a device, handed in. `wall`: milliseconds since 1970; `monotonic`: milliseconds since any start. */
export interface Clocks {
  wall(): number;
  monotonic(): number;
}

export const deviceClocks: Clocks = { wall: () => Date.now(), monotonic: () => performance.now() };

/** What is remembered between runs of the app. `offset` in milliseconds, device minus server. */
export interface ClockMemory {
  offset: number;
  jumped: boolean;
  contact_at: number | null;
  /** Newest device time that was seen; a start before it means that the clock was set back. */
  seen_at: number;
}

/** Wall and monotonic time may drift apart by this much (milliseconds) before it counts as a jump. */
const TOLERANCE = 2000;
/** A measurement is only worth keeping when the round trip was shorter than this. */
const LONGEST_TRIP = 10_000;

const BUSINESS_OFFSET_MINUTES = 8 * 60;

/**
 * Knows how far the device's clock is off, and whether it was moved since that was measured. Device times are
 * evidence about the world, never about order; this says how good the evidence is (`protocol.md` section 7).
 *
 * While the page sleeps, the monotonic clock of many tablets stands still, so that a gap forwards says nothing;
 * it is forgiven, and shows in the next measurement. A step backwards always counts.
 */
export class ClockWatch {
  private memory: ClockMemory = { offset: 0, jumped: false, contact_at: null, seen_at: 0 };
  private anchor: { wall: number; monotonic: number };
  private asleep = false;
  private measured = false;

  constructor(private readonly clocks: Clocks = deviceClocks) {
    this.anchor = this.read();
  }

  /** Takes up what an earlier run remembered; what was measured or noticed since this run began stays. */
  recall(memory: ClockMemory | null): void {
    if (memory === null || this.measured) return;
    const wentBack = this.clocks.wall() < memory.seen_at - TOLERANCE;
    this.memory = { ...memory, jumped: this.memory.jumped || memory.jumped || wentBack };
  }

  remember(): ClockMemory {
    this.observe();
    return { ...this.memory };
  }

  /**
   * A contact: the server's time (RFC 3339) with the monotonic time of asking. Measured at half of the round trip.
   * Returns the offset in milliseconds, device minus server.
   */
  contact(serverTime: string, askedMonotonic: number): number {
    const now = this.read();
    const trip = Math.max(0, now.monotonic - askedMonotonic);
    const server = Date.parse(serverTime);
    if (Number.isFinite(server) && trip <= LONGEST_TRIP) {
      const offset = now.wall - trip / 2 - server;
      this.memory = { offset, jumped: false, contact_at: server, seen_at: now.wall };
      this.anchor = now;
      this.measured = true;
    }
    return this.memory.offset;
  }

  /** Milliseconds since 1970 by the server's clock, as well as it is known. */
  corrected(): number {
    return this.clocks.wall() - this.memory.offset;
  }

  /** When the server last answered, by its own clock; null before the first contact. */
  lastContact(): number | null {
    return this.memory.contact_at;
  }

  monotonic(): number {
    return this.clocks.monotonic();
  }

  /** The page goes to sleep: what passes until `wake` is not held against the clock, unless it runs backwards. */
  sleep(): void {
    this.observe();
    this.asleep = true;
  }

  wake(): void {
    this.observe();
    this.asleep = false;
  }

  /** What a commit carries: raw device time with the business zone's offset, and what is known of the clock. */
  readonly stamp = (): { made_at: string; clock: ClockStamp } => {
    this.observe();
    const { offset, jumped } = this.memory;
    return { made_at: zoned(this.clocks.wall()), clock: { offset: Math.round(offset) / 1000, jumped } };
  };

  /** Compares both clocks since the last look, and looks anew. */
  private observe(): void {
    const now = this.read();
    const drift = now.wall - this.anchor.wall - (now.monotonic - this.anchor.monotonic);
    const jumped = drift < -TOLERANCE || (drift > TOLERANCE && !this.asleep);
    this.memory = {
      ...this.memory,
      jumped: this.memory.jumped || jumped,
      seen_at: Math.max(jumped ? 0 : this.memory.seen_at, now.wall),
    };
    // Small drift adds up towards the tolerance; a forgiven gap does not.
    if (jumped || this.asleep) this.anchor = now;
  }

  private read(): { wall: number; monotonic: number } {
    return { wall: this.clocks.wall(), monotonic: this.clocks.monotonic() };
  }
}

/** RFC 3339 to the second in the business zone, which has one offset all the year. */
export function zoned(milliseconds: number): string {
  const shifted = new Date(milliseconds + BUSINESS_OFFSET_MINUTES * 60_000).toISOString();
  return `${shifted.slice(0, 19)}+08:00`;
}
