/** How the disk stands: whether what was asked for fits, and whether the ballast is there in full. */
export interface Standing {
  fits: boolean;
  whole: boolean;
}

/**
 * The disk under the browser, asked before each write. `give`: may a small write begin; gives up ballast for it.
 * `keep`: is there room for more, beside the whole ballast. Null: nobody can tell here.
 */
export interface Disk {
  ask(what: "give" | "keep"): Promise<Standing | null>;
}

/**
 * Whether there is ground to write on. It is asked beforehand because afterwards is too late: when Chromium cannot
 * append to its log for want of room, it deletes everything that this origin has in IndexedDB, unsent checks included.
 */
export class Ground {
  /** Whether photos and pages fit, as the last answer said; null: nobody has said yet. */
  ample: boolean | null = null;

  constructor(
    private readonly disk: Disk | null,
    private readonly changed: () => void = () => undefined,
  ) {}

  /** May anything be written at all? */
  firm(): Promise<boolean> {
    return this.ask("give");
  }

  /** Is there room for photos and pages too? */
  spare(): Promise<boolean> {
    return this.ask("keep");
  }

  private async ask(what: "give" | "keep"): Promise<boolean> {
    const standing = (await this.disk?.ask(what)) ?? null;
    if (standing === null) return true;
    const ample = standing.fits && standing.whole;
    if (ample !== this.ample) {
      this.ample = ample;
      this.changed();
    }
    return standing.fits;
  }
}
