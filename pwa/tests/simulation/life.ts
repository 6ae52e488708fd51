/** What runs between two kills. Whoever is dead hears and does nothing any more, and nobody tells it so. */
export class Life {
  private left: number | null = null;
  private whenDue: () => void = () => undefined;
  /** Resolved when it ends. */
  readonly over: Promise<void>;
  private ended = false;
  private tell: () => void = () => undefined;

  constructor() {
    this.over = new Promise((resolve) => {
      this.tell = resolve;
    });
  }

  get dead(): boolean {
    return this.ended;
  }

  end(): void {
    this.ended = true;
    this.tell();
  }

  /** Something that a client awaits is about to happen; a kill may be due exactly here. */
  step(): boolean {
    if (this.dead) return false;
    if (this.left !== null && this.left-- <= 0) this.whenDue();
    return !this.dead;
  }

  /** `die` is called at the `steps`-th step from now, in the middle of it. */
  dieAt(steps: number, die: () => void): void {
    this.left = steps;
    this.whenDue = die;
  }
}

/** What somebody who is dead waits for. */
export function never<T>(): Promise<T> {
  return new Promise(() => undefined);
}
