import type { Outcome } from "./transport";

/** Answers in a row before more is tried. */
const PATIENCE = 8;

/**
 * How much to send or ask for at once. A request that a slow network cannot finish in time would be begun anew for
 * ever, so after a timeout the portion is halved; after some answers in a row it is doubled again.
 */
export class Portion {
  private current: number;
  private answers = 0;

  constructor(
    private readonly most: number,
    private readonly least: number,
  ) {
    this.current = most;
  }

  get size(): number {
    return this.current;
  }

  learn(outcome: Outcome<unknown>): void {
    if (outcome.kind === "ok") {
      this.answers += 1;
      if (this.answers % PATIENCE === 0) this.current = Math.min(this.most, this.current * 2);
    } else if (outcome.kind === "offline" && outcome.cause === "timeout") {
      this.answers = 0;
      this.current = Math.max(this.least, Math.floor(this.current / 2));
    }
  }
}
