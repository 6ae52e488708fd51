/** Timers, handed in. */
export interface Timers {
  set(work: () => void, milliseconds: number): unknown;
  clear(timer: unknown): void;
}

export const deviceTimers: Timers = {
  set: (work, milliseconds) => setTimeout(work, milliseconds),
  clear: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** How a run ended: when to run again by itself. */
export type RunEnd =
  | { kind: "well" }
  | { kind: "failed" }
  /** The server asked for this long a pause (milliseconds); nothing shortens it. */
  | { kind: "wait"; wait: number }
  /** Only a person, or a tab coming to the front, can change anything. */
  | { kind: "paused" };

export interface SchedulerOptions {
  run(): Promise<RunEnd>;
  timers: Timers;
  /** 0 up to 1, for jitter. */
  random(): number;
}

const EVERY = 60_000;
const FIRST_RETRY = 1000;
const LAST_RETRY = 60_000;

/** Pause before attempt number `failures`, in milliseconds: doubling from 1 s to 60 s, half of it left to chance. */
export function backoff(failures: number, random: () => number): number {
  const full = Math.min(LAST_RETRY, FIRST_RETRY * 2 ** Math.min(failures - 1, 16));
  return full / 2 + (random() * full) / 2;
}

/**
 * One run at a time, and one more for whatever was asked meanwhile. Runs every minute, with growing pauses after
 * failures. An urgent request (focus, network back, poke, a person) runs at once; a save waits for a pause to end.
 */
export class Scheduler {
  private timer: unknown = null;
  private failures = 0;
  private running: Promise<void> | null = null;
  private again = false;
  private beside: RunEnd | null = null;
  private holding = false;
  private paused = false;
  private stopped = false;

  constructor(private readonly options: SchedulerOptions) {}

  request(urgent: boolean): void {
    if (this.stopped || this.holding) return;
    if (this.running !== null) {
      this.again = true;
      return;
    }
    if (!urgent && (this.failures > 0 || this.paused)) return;
    this.begin();
  }

  /** Runs (once more, if one is under way) and waits for the end. */
  async runNow(): Promise<void> {
    this.request(true);
    while (this.running !== null) await this.running;
  }

  /** A part outside of the run met trouble; the next attempt waits as after a run that ended so. */
  trouble(end: RunEnd): void {
    if (this.stopped) return;
    if (this.running === null) this.plan(end);
    else this.beside = end;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.again = false;
    this.options.timers.clear(this.timer);
    await this.running;
  }

  private begin(): void {
    this.options.timers.clear(this.timer);
    this.again = false;
    this.running = this.options
      .run()
      .catch((error: unknown): RunEnd => {
        // A bug must not end the loop; the journal and the console have it.
        console.error("sync", error);
        return { kind: "failed" };
      })
      .then((end) => this.ended(end));
  }

  private ended(end: RunEnd): void {
    this.running = null;
    if (this.stopped) return;
    const final = end.kind === "well" ? (this.beside ?? end) : end;
    this.beside = null;
    this.plan(final);
    if (this.again && final.kind === "well") this.begin();
  }

  private plan(end: RunEnd): void {
    this.options.timers.clear(this.timer);
    this.failures = end.kind === "failed" ? this.failures + 1 : 0;
    this.holding = end.kind === "wait";
    this.paused = end.kind === "paused";
    if (end.kind === "paused") return;
    this.timer = this.options.timers.set(() => this.due(), this.pause(end));
  }

  private pause(end: RunEnd): number {
    const { random } = this.options;
    if (end.kind === "failed") return backoff(this.failures, random);
    if (end.kind === "wait") return end.wait + random() * FIRST_RETRY;
    return EVERY * (0.9 + random() * 0.2);
  }

  private due(): void {
    this.holding = false;
    if (this.running === null && !this.stopped) this.begin();
  }
}
