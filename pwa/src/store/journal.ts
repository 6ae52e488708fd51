import type { Core } from "./core";
import type { Tx } from "./idb";
import { JOURNAL, type JournalRow } from "./schema";

const MOST_LINES = 2000;
const TRIM = 200;

/** Diagnostics: what happened on this device, by code and figures, never with names, notes or photos. */
export class Journal {
  private written = 0;

  constructor(private readonly core: Core) {}

  /** Adds one line. Never fails: a diagnosis must not break what it observes. */
  async note(code: string, detail: Record<string, string | number | boolean | null> = {}): Promise<void> {
    const row: JournalRow = { at: this.core.now(), code, detail: JSON.stringify(detail) };
    try {
      await this.core.database.run([JOURNAL], "write", async (tx) => {
        tx.add(JOURNAL, row);
        if (this.written++ % TRIM === 0) await this.trim(tx);
      });
    } catch {
      // Full or closed; the line is lost, the work is not.
    }
  }

  /** The newest lines last. */
  lines(): Promise<JournalRow[]> {
    return this.core.database.run([JOURNAL], "read", (tx) => tx.getAll<JournalRow>(JOURNAL));
  }

  private async trim(tx: Tx): Promise<void> {
    const keys = await tx.getAllKeys<number>(JOURNAL);
    const last = keys[keys.length - MOST_LINES - 1];
    if (last !== undefined) tx.delete(JOURNAL, IDBKeyRange.upperBound(last));
  }
}
