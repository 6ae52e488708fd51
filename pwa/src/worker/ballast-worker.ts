/// <reference lib="webworker" />
import { Ballast, type FileLike, type Standing } from "./ballast";

declare const self: DedicatedWorkerGlobalScope;

/** Keeps the ballast. A worker, because only here a file can be written at once and in place. */
let opened: Promise<Ballast> | null = null;
let turn: Promise<unknown> = Promise.resolve();

async function open(): Promise<Ballast> {
  const folder = await navigator.storage.getDirectory();
  const file = await folder.getFileHandle("ballast", { create: true });
  // Every tab holds it open, and they take turns; a browser that does not know the mode lets the first tab have it.
  const shared = { mode: "readwrite-unsafe" } as never;
  const handle = await (file.createSyncAccessHandle as (options: never) => Promise<FileLike>).call(
    file,
    shared,
  );
  return new Ballast(handle);
}

/** No save waits for the thorough look; it comes after, and not after each (milliseconds). */
const LOOK_EVERY = 1000;
let looked = Number.NEGATIVE_INFINITY;

async function look(): Promise<void> {
  if (performance.now() - looked < LOOK_EVERY) return;
  looked = performance.now();
  const ballast = await opened;
  await navigator.locks.request("rounds-ballast", () => ballast?.refill());
}

async function answer(ask: "give" | "keep"): Promise<Standing> {
  opened ??= open();
  opened.catch(() => {
    opened = null;
  });
  const ballast = await opened;
  return navigator.locks.request("rounds-ballast", () => ballast[ask]());
}

self.addEventListener("message", (event: MessageEvent<{ id: number; ask: "give" | "keep" }>) => {
  const { id, ask } = event.data;
  turn = turn.then(async () => {
    const standing = await answer(ask).catch(() => null);
    self.postMessage({ id, standing });
    await look().catch(() => undefined);
  });
});
