import { IDBFactory, IDBKeyRange, IDBObjectStore } from "fake-indexeddb";
import type { Life } from "./life.ts";

Object.assign(globalThis, { IDBKeyRange, IDBObjectStore });

type Listener = { dispatchEvent(event: unknown): boolean };

/** What of fake-indexeddb's transactions is used past its interface. */
interface InnerTransaction extends Listener {
  mode: IDBTransactionMode;
  durability: string;
  _state: string;
  _rollbackLog: (() => void)[];
  _execRequestAsync(asked: unknown): Listener;
  _abort(error: string | null): void;
}

interface InnerDatabase {
  transaction(...asked: unknown[]): InnerTransaction;
  close(): void;
}

interface InnerFactory {
  open(name: string, version?: number): Listener & { result: InnerDatabase; onsuccess: unknown };
  deleteDatabase(name: string): Listener;
  databases(): Promise<{ name?: string; version?: number }[]>;
}

/** `tab`: what was committed stays; `battery`: of what was not flushed (`durability: strict`) only a part. */
export type Death = "tab" | "battery";

/**
 * The IndexedDB of one tablet. It outlives every client that opens it. A client that dies in the middle of a
 * transaction leaves nothing of it; when the battery dies, the newest transactions that no strict one has flushed
 * since are gone too, from any of them on.
 */
export class TabletDisk {
  private readonly factory = new IDBFactory() as unknown as InnerFactory;
  private readonly open = new Map<InnerTransaction, Life>();
  private readonly connections = new Map<InnerDatabase, Life>();
  /** How to take back what was committed and not flushed, oldest first. */
  private unflushed: (() => void)[][] = [];

  /** `lazy`: a disk that flushes nothing, for a client that is broken on purpose. */
  constructor(private readonly lazy = false) {}

  /** The factory as a client of this life sees it. */
  factoryFor(life: Life): IDBFactory {
    const watched = <T extends Listener>(request: T): T => muffle(request, life);
    const factory = {
      open: (name: string, version?: number) => {
        const request = watched(this.factory.open(name, version));
        // Before the client hears of it, so that its very first transaction is watched too.
        const tell = request.dispatchEvent;
        request.dispatchEvent = (event: unknown) => {
          if (typeOf(event) === "success") this.watch(request.result, life);
          return tell(event);
        };
        return request;
      },
      deleteDatabase: (name: string) => watched(this.factory.deleteDatabase(name)),
      databases: async () => {
        const found = await this.factory.databases();
        return life.step() ? found : new Promise(() => undefined);
      },
    };
    return factory as unknown as IDBFactory;
  }

  /** The factory for whoever looks at the disk from outside. */
  get outside(): IDBFactory {
    return this.factory as unknown as IDBFactory;
  }

  /** Everything of this life stops here. `lost`: share (0 to 1) of the unflushed transactions that is gone. */
  cut(life: Life, death: Death, lost: number): void {
    for (const [transaction, owner] of this.open) {
      if (owner !== life) continue;
      this.open.delete(transaction);
      if (transaction._state !== "finished") transaction._abort(null);
    }
    for (const [connection, owner] of this.connections) {
      if (owner !== life) continue;
      this.connections.delete(connection);
      connection.close();
    }
    if (death === "tab") return;
    const kept = Math.floor(this.unflushed.length * (1 - lost));
    for (const undo of this.unflushed.splice(kept).reverse()) for (const step of undo.reverse()) step();
  }

  private watch(connection: InnerDatabase, life: Life): void {
    this.connections.set(connection, life);
    const begin = connection.transaction.bind(connection);
    connection.transaction = (...asked: unknown[]) => {
      const transaction = muffle(begin(...asked), life);
      this.open.set(transaction, life);
      const execute = transaction._execRequestAsync.bind(transaction);
      transaction._execRequestAsync = (request: unknown) => muffle(execute(request), life);
      const tell = transaction.dispatchEvent;
      transaction.dispatchEvent = (event: unknown) => {
        // On the disk, whether or not anybody lives to hear of it.
        if (typeOf(event) === "complete") this.completed(transaction);
        if (typeOf(event) === "abort") this.open.delete(transaction);
        return tell(event);
      };
      return transaction;
    };
  }

  private completed(transaction: InnerTransaction): void {
    this.open.delete(transaction);
    if (transaction.mode === "readonly") return;
    if (transaction.durability === "strict" && !this.lazy) this.unflushed = [];
    else this.unflushed.push(transaction._rollbackLog);
  }
}

const typeOf = (event: unknown) => (event as { type: string }).type;

/** A dead client's events are swallowed; a client that is to die at one dies before it hears of it. */
function muffle<T extends Listener>(target: T, life: Life): T {
  const muffled = target as T & { muffled?: true };
  if (muffled.muffled) return target;
  muffled.muffled = true;
  const dispatch = target.dispatchEvent.bind(target);
  // An upgrade is whole or not at all in a browser; here nothing could take half of one back.
  target.dispatchEvent = (event: unknown) =>
    typeOf(event) === "upgradeneeded" || life.step() ? dispatch(event) : true;
  return target;
}
