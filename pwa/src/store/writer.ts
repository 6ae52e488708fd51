import { StoreFailure } from "./failures";
import type { Database, Tx } from "./idb";
import { META } from "./schema";

const GENERATION = "generation";
const MOST_ATTEMPTS = 25;

/** What a prepared write puts down; `apply` may await its own reads and nothing else. */
export interface Prepared<T> {
  stores: string[];
  durability: "write" | "strict";
  apply(tx: Tx): T | Promise<T>;
}

/**
 * Writes in two steps, because sealing is asynchronous and a transaction does not wait for it: `prepare` reads
 * and seals, then one transaction checks that nothing was written in between (this tab or another) and writes.
 * A counter in `meta` tells; rejected: a lock, which a frozen tab would hold for ever.
 */
export class Writer {
  constructor(private readonly database: Database) {}

  async write<T>(prepare: () => Promise<Prepared<T> | null>): Promise<T | null> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      const before = await this.generation();
      const prepared = await prepare();
      if (prepared === null) return null;
      const done = await this.attempt(before, prepared);
      if (done !== null) return done.value;
    }
    throw new StoreFailure("busy", "another tab kept writing; nothing was saved, try again");
  }

  private generation(): Promise<number> {
    return this.database.run([META], "read", async (tx) => (await tx.get<number>(META, GENERATION)) ?? 0);
  }

  private attempt<T>(before: number, prepared: Prepared<T>): Promise<{ value: T } | null> {
    const stores = [...new Set([META, ...prepared.stores])];
    return this.database.run(stores, prepared.durability, async (tx) => {
      const now = (await tx.get<number>(META, GENERATION)) ?? 0;
      if (now !== before) return null;
      tx.put(META, now + 1, GENERATION);
      return { value: await prepared.apply(tx) };
    });
  }
}
