import { expect, test } from "vitest";
import { type LocksLike, withLock } from "./locks.ts";

/** Web Locks of one origin, shared by its tabs: first come, first served. */
function locksOfOrigin(): LocksLike {
  let held: Promise<unknown> = Promise.resolve();
  return {
    request: (_name, { signal }, work) => {
      const before = held;
      const mine = new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        void before.then(() => {
          if (!signal.aborted) work().then(resolve, reject);
        });
      });
      held = mine.catch(() => undefined);
      return mine as Promise<never>;
    },
  };
}

test("two tabs take turns", async () => {
  const locks = locksOfOrigin();
  const steps: string[] = [];
  const tab = (name: string) =>
    withLock(locks, "sync", 10_000, async () => {
      steps.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      steps.push(`${name} ends`);
      return name;
    });
  expect(await Promise.all([tab("a"), tab("b")])).toEqual(["a", "b"]);
  expect(steps).toEqual(["a begins", "a ends", "b begins", "b ends"]);
});

test("a frozen tab holds nobody up for longer than the patience", async () => {
  const locks = locksOfOrigin();
  void locks.request("sync", { signal: new AbortController().signal }, () => new Promise(() => undefined));
  expect(await withLock(locks, "sync", 10, async () => "done")).toBe("done");
});

test("a failure of the work is the caller's, and the work is not done twice", async () => {
  let times = 0;
  const work = async () => {
    times += 1;
    throw new DOMException("mine", "AbortError");
  };
  await expect(withLock(locksOfOrigin(), "sync", 1000, work)).rejects.toThrow("mine");
  expect(times).toBe(1);
});

test("without Web Locks the work is done all the same", async () => {
  expect(await withLock(null, "sync", 10, async () => 7)).toBe(7);
});
