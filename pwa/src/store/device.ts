import { type Disk, Ground } from "./ground";
import { Database } from "./idb";

const KEPT = "kept";

/**
 * What belongs to the device and not to one user: its id, who is signed in, and from which number on each user's
 * commits count. A database of its own, because it is needed before it is known whose replica to open.
 */
export class DeviceStore {
  private readonly database: Database;

  constructor(factory: IDBFactory = indexedDB, disk: Disk | null = null) {
    const upgrade = (database: IDBDatabase) => void database.createObjectStore(KEPT);
    this.database = new Database("rounds-device", 1, upgrade, factory, new Ground(disk));
  }

  async get<T>(key: string): Promise<T | null> {
    return this.database.run([KEPT], "read", async (tx) => (await tx.get<T>(KEPT, key)) ?? null);
  }

  /** Resolved when it is on the disk: a sign-in must survive the battery. */
  async set(key: string, value: unknown): Promise<void> {
    await this.database.run([KEPT], "strict", (tx) => tx.put(KEPT, value, key));
  }

  /** Changes a value in one transaction, so that two at once count as two. Resolved with the new one, on the disk. */
  async update<T>(key: string, change: (before: T | null) => T): Promise<T> {
    return this.database.run([KEPT], "strict", async (tx) => {
      const after = change((await tx.get<T>(KEPT, key)) ?? null);
      tx.put(KEPT, after, key);
      return after;
    });
  }

  async remove(key: string): Promise<void> {
    await this.database.run([KEPT], "strict", (tx) => tx.delete(KEPT, key));
  }

  /** Removes every key that begins so. */
  async removeAll(prefix: string): Promise<void> {
    const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
    await this.database.run([KEPT], "strict", (tx) => tx.delete(KEPT, range));
  }

  close(): void {
    this.database.close();
  }
}
