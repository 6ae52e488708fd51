/**
 * IndexedDB with promises, and nothing more.
 *
 * Own instead of Dexie because durability must be chosen per transaction (a save is strict, a page of a
 * pull is not) and because the field app has 100 kB in all; see docs/decisions.
 */

import { isQuotaError, StorageFull } from "./failures";
import type { Ground } from "./ground";

type Key = IDBValidKey | IDBKeyRange;

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * One transaction. Reads are promises; writes are fire and forget, since a failed write aborts the whole and
 * `Database.run` says so. Inside a transaction await nothing but its own reads, else it commits under you.
 */
export class Tx {
  constructor(private readonly inner: IDBTransaction) {}

  get<T>(store: string, key: Key): Promise<T | undefined> {
    return settled(this.inner.objectStore(store).get(key));
  }

  getAll<T>(store: string, range?: Key | null, count?: number): Promise<T[]> {
    return settled(this.inner.objectStore(store).getAll(range, count));
  }

  getAllKeys<K extends IDBValidKey>(store: string, range?: Key | null): Promise<K[]> {
    return settled(this.inner.objectStore(store).getAllKeys(range)) as Promise<K[]>;
  }

  indexed<T>(store: string, index: string, range?: Key | null): Promise<T[]> {
    return settled(this.inner.objectStore(store).index(index).getAll(range));
  }

  indexedKeys<K extends IDBValidKey>(store: string, index: string, range?: Key | null): Promise<K[]> {
    return settled(this.inner.objectStore(store).index(index).getAllKeys(range)) as Promise<K[]>;
  }

  count(store: string, range?: Key): Promise<number> {
    return settled(this.inner.objectStore(store).count(range));
  }

  /** The last row of `range` in the order of `index` that `skip` does not name, or null. */
  last<T>(store: string, index: string, range: IDBKeyRange, skip: (row: T) => boolean): Promise<T | null> {
    const request = this.inner.objectStore(store).index(index).openCursor(range, "prev");
    return new Promise((resolve, reject) => {
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const cursor = request.result;
        if (cursor === null) resolve(null);
        else if (skip(cursor.value as T)) cursor.continue();
        else resolve(cursor.value as T);
      };
    });
  }

  put(store: string, value: unknown, key?: IDBValidKey): void {
    this.inner.objectStore(store).put(value, key);
  }

  add(store: string, value: unknown): void {
    this.inner.objectStore(store).add(value);
  }

  delete(store: string, key: Key): void {
    this.inner.objectStore(store).delete(key);
  }

  clear(store: string): void {
    this.inner.objectStore(store).clear();
  }
}

export type Upgrade = (database: IDBDatabase, from: number) => void;
export type Mode = "read" | "write" | "strict";

export class Database {
  private connection: IDBDatabase | null = null;
  private opening: Promise<IDBDatabase> | null = null;
  private shut = false;

  constructor(
    readonly name: string,
    private readonly version: number,
    private readonly upgrade: Upgrade,
    private readonly factory: IDBFactory,
    private readonly ground: Ground | null = null,
  ) {}

  /**
   * Runs `work` in one transaction; resolves when that has completed (strict: on the disk), else nothing is kept.
   * Throws `StorageFull` where there is no room, which for a write is asked before it begins (see `Ground`).
   */
  async run<T>(stores: string[], mode: Mode, work: (tx: Tx) => T | Promise<T>): Promise<T> {
    if (mode !== "read") await this.stands();
    try {
      return await this.attempt(stores, mode, work);
    } catch (error) {
      throw isQuotaError(error) ? new StorageFull() : error;
    }
  }

  private async attempt<T>(stores: string[], mode: Mode, work: (tx: Tx) => T | Promise<T>): Promise<T> {
    const transaction = await this.begin(stores, mode);
    const completed = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new DOMException("aborted", "AbortError"));
    });
    // Awaited below in every path; this only keeps an early abort from counting as unhandled.
    completed.catch(() => undefined);
    let result: T;
    try {
      result = await work(new Tx(transaction));
    } catch (error) {
      await this.undo(transaction, completed);
      throw error;
    }
    await completed;
    return result;
  }

  /** Closed by us, or because another tab removes or upgrades it; nothing can be read or written any more. */
  get closed(): boolean {
    return this.shut;
  }

  close(): void {
    this.shut = true;
    this.connection?.close();
    this.connection = null;
  }

  /** Removes the whole database; waits for other tabs to let go of it. */
  async destroy(): Promise<void> {
    this.close();
    // Deleting writes too, into the log that other users' databases share. What must go goes all the same.
    await this.ground?.firm();
    await settled(this.factory.deleteDatabase(this.name));
  }

  /** Names of the other databases of this origin that begin so. */
  async others(prefix: string): Promise<string[]> {
    const known = (await this.factory.databases?.().catch(() => [])) ?? [];
    return known.flatMap(({ name }) => (name?.startsWith(prefix) && name !== this.name ? [name] : []));
  }

  /** Another database of the same form. */
  sibling(name: string): Database {
    return new Database(name, this.version, this.upgrade, this.factory);
  }

  /**
   * Aborts after a failure in `work`. Where a write had failed before (quota), the transaction knows the cause, and
   * what `work` ran into was only its echo.
   */
  private async undo(transaction: IDBTransaction, completed: Promise<void>): Promise<void> {
    try {
      transaction.abort();
    } catch {
      // Already aborted by that write.
    }
    await completed.catch(() => undefined);
    if (transaction.error !== null) throw transaction.error;
  }

  private async begin(stores: string[], mode: Mode): Promise<IDBTransaction> {
    const options = { durability: mode === "strict" ? "strict" : "default" } as const;
    const access = mode === "read" ? "readonly" : "readwrite";
    try {
      return (await this.connect()).transaction(stores, access, options);
    } catch (error) {
      // The browser closes connections on its own (Safari after a while in the background).
      if ((error as DOMException).name !== "InvalidStateError" || this.shut) throw error;
      this.connection = null;
      return (await this.connect()).transaction(stores, access, options);
    }
  }

  private async connect(): Promise<IDBDatabase> {
    if (this.shut) throw new DOMException(`${this.name} is closed`, "InvalidStateError");
    if (this.connection !== null) return this.connection;
    this.opening ??= this.openOnce().finally(() => {
      this.opening = null;
    });
    return this.opening;
  }

  private async stands(): Promise<void> {
    if (this.ground !== null && !(await this.ground.firm())) throw new StorageFull();
  }

  /** Making or upgrading a database writes; opening one does not, but on a full disk it fails without harm. */
  private async openOnce(): Promise<IDBDatabase> {
    if (!(await this.exists())) await this.stands();
    // Closed (and perhaps deleted) meanwhile: opening it now would make it anew.
    if (this.shut) throw new DOMException(`${this.name} is closed`, "InvalidStateError");
    return this.request();
  }

  /** Whether it is there in its present form; no where the browser cannot tell, or not for want of room. */
  private async exists(): Promise<boolean> {
    const known = (await this.factory.databases?.().catch(() => [])) ?? [];
    return known.some(({ name, version }) => name === this.name && version === this.version);
  }

  private async request(): Promise<IDBDatabase> {
    const request = this.factory.open(this.name, this.version);
    request.onupgradeneeded = (event) => this.upgrade(request.result, event.oldVersion);
    const connection = await settled(request);
    // Another tab wants to upgrade or wipe: let it, and never write with an old form.
    connection.onversionchange = () => this.close();
    connection.onclose = () => {
      this.connection = null;
    };
    this.connection = connection;
    return connection;
  }
}
