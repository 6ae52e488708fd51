import type { Core } from "./core";
import { isQuotaError, StorageFull } from "./failures";
import { BALLAST, META } from "./schema";

const MEGABYTE = 1024 * 1024;
/** Given up when the device is full, so that saves still fit while photos no longer do. */
export const BALLAST_PIECES = 4;
/** Below this much free room no photo is taken. */
export const RESERVE = 32 * MEGABYTE;

const DROPPED = "ballast_dropped";

export interface StorageFacts {
  /** Bytes; null where the browser does not tell. */
  used: number | null;
  quota: number | null;
  /** The browser will not delete our data on its own. */
  persistent: boolean;
  /** Whether a photo may be taken now; refused before it is taken, not after. */
  camera: boolean;
}

/** What is asked of `navigator.storage`; handed in for tests. */
export interface StorageManagerLike {
  estimate?(): Promise<{ usage?: number; quota?: number }>;
  persist?(): Promise<boolean>;
  persisted?(): Promise<boolean>;
}

/** Bytes that no compression shortens; pieces this large lie in files of their own, so deleting gives room at once. */
function incompressible(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65_536)
    crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65_536, size)));
  return bytes;
}

/** Keeps room in reserve, so that a full device loses no check. */
export class Room {
  constructor(
    private readonly core: Core,
    private readonly manager: StorageManagerLike | null,
    private readonly pieceBytes = MEGABYTE,
  ) {}

  /** Runs a save; when the quota is used up, gives up the ballast and tries once more. Throws `StorageFull`. */
  async guard<T>(save: () => Promise<T>): Promise<T> {
    try {
      return await save();
    } catch (error) {
      if (!isQuotaError(error)) throw error;
      if (!(await this.dropBallast())) throw new StorageFull();
    }
    try {
      return await save();
    } catch (error) {
      throw isQuotaError(error) ? new StorageFull() : error;
    }
  }

  /** Puts the ballast (back) where it fits. Returns whether it is there. */
  async layBallast(): Promise<boolean> {
    const present = await this.core.database.run([BALLAST], "read", (tx) => tx.count(BALLAST));
    if (present >= BALLAST_PIECES) return true;
    const { used, quota } = await this.figures();
    const needed = (BALLAST_PIECES - present) * this.pieceBytes;
    if (used !== null && quota !== null && quota - used < needed + RESERVE) return false;
    try {
      for (let piece = present; piece < BALLAST_PIECES; piece++) {
        const bytes = incompressible(this.pieceBytes);
        await this.core.database.run([BALLAST], "write", (tx) => tx.put(BALLAST, bytes, piece));
      }
      await this.core.database.run([META], "write", (tx) => tx.delete(META, DROPPED));
    } catch (error) {
      if (isQuotaError(error)) return false;
      throw error;
    }
    this.core.notifier.tell({ meta: true });
    return true;
  }

  async facts(): Promise<StorageFacts> {
    const { used, quota } = await this.figures();
    const dropped = await this.core.database.run([META], "read", (tx) => tx.get<boolean>(META, DROPPED));
    const roomy = used === null || quota === null || quota - used >= RESERVE;
    const persistent = (await this.manager?.persisted?.().catch(() => false)) ?? false;
    return { used, quota, persistent, camera: dropped !== true && roomy };
  }

  /** Asks the browser not to delete our data. Returns whether it agreed. */
  async persist(): Promise<boolean> {
    return (await this.manager?.persist?.().catch(() => false)) ?? false;
  }

  private async figures(): Promise<{ used: number | null; quota: number | null }> {
    const estimate = await this.manager?.estimate?.().catch(() => undefined);
    return { used: estimate?.usage ?? null, quota: estimate?.quota ?? null };
  }

  private async dropBallast(): Promise<boolean> {
    const dropped = await this.core.database.run([BALLAST], "strict", async (tx) => {
      const pieces = await tx.count(BALLAST);
      tx.clear(BALLAST);
      return pieces > 0;
    });
    if (dropped) {
      await this.core.database.run([META], "write", (tx) => tx.put(META, true, DROPPED));
      this.core.notifier.tell({ meta: true });
    }
    return dropped;
  }
}
