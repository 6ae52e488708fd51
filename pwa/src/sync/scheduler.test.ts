import { beforeEach, expect, test, vi } from "vitest";
import { TestTimers } from "../../tests/kit/device.ts";
import { backoff, type RunEnd, Scheduler } from "./scheduler.ts";

let timers: TestTimers;
let runs: number;
let ends: RunEnd[];
let scheduler: Scheduler;
/** Lets the run under way end. */
let release: (() => void)[];

const settle = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  timers = new TestTimers();
  runs = 0;
  ends = [];
  release = [];
  scheduler = new Scheduler({
    timers,
    random: () => 0.5,
    run: async () => {
      runs += 1;
      await new Promise<void>((resolve) => release.push(resolve));
      return ends.shift() ?? { kind: "well" };
    },
  });
});

async function finish(end: RunEnd = { kind: "well" }): Promise<void> {
  ends.push(end);
  release.shift()?.();
  await settle();
}

test("one run at a time; what was asked meanwhile is one more run", async () => {
  scheduler.request(false);
  scheduler.request(true);
  scheduler.request(false);
  expect(runs).toBe(1);
  await finish();
  expect(runs).toBe(2);
  await finish();
  expect(runs).toBe(2);
});

test("after a good run the next comes within about a minute", async () => {
  scheduler.request(false);
  await finish();
  expect(timers.fire()).toBe(60_000);
  expect(runs).toBe(2);
});

test("pauses after failures double from one second to one minute, half of it by chance", () => {
  const low = [1, 2, 3, 4, 5, 6, 7, 8, 50].map((failures) => backoff(failures, () => 0));
  expect(low).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  expect(backoff(1, () => 0.999_999)).toBeCloseTo(1000, 0);
  expect(backoff(50, () => 0.999_999)).toBeCloseTo(60_000, -1);
});

test("a save does not shorten the pause after a failure; focus and a person do", async () => {
  scheduler.request(false);
  await finish({ kind: "failed" });
  scheduler.request(false);
  expect(runs).toBe(1);
  expect(timers.fire()).toBe(750);
  expect(runs).toBe(2);
  await finish({ kind: "failed" });
  scheduler.request(true);
  expect(runs).toBe(3);
  await finish({ kind: "failed" });
  expect(timers.fire()).toBe(3000);
});

test("a good run ends the pauses", async () => {
  scheduler.request(false);
  await finish({ kind: "failed" });
  scheduler.request(true);
  await finish();
  scheduler.request(false);
  expect(runs).toBe(3);
});

test("nothing shortens a pause that the server asked for", async () => {
  scheduler.request(false);
  await finish({ kind: "wait", wait: 30_000 });
  scheduler.request(true);
  expect(runs).toBe(1);
  expect(timers.fire()).toBe(30_500);
  expect(runs).toBe(2);
});

test("a paused loop waits for a person, not for a save or the time", async () => {
  scheduler.request(false);
  await finish({ kind: "paused" });
  scheduler.request(false);
  expect(runs).toBe(1);
  expect(timers.waiting).toEqual([]);
  scheduler.request(true);
  expect(runs).toBe(2);
});

test("a request during a failing run does not hammer the server", async () => {
  scheduler.request(false);
  scheduler.request(true);
  await finish({ kind: "failed" });
  expect(runs).toBe(1);
  expect(timers.waiting).toHaveLength(1);
});

test("an error in the run counts as a failure and does not end the loop", async () => {
  const failing = new Scheduler({ timers, random: () => 0.5, run: () => Promise.reject(new Error("bug")) });
  const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
  failing.request(true);
  await settle();
  expect(said).toHaveBeenCalledOnce();
  expect(timers.fire()).toBe(750);
  await settle();
});

test("trouble beside the run counts, whether it comes during the run or after it", async () => {
  scheduler.request(true);
  scheduler.trouble({ kind: "wait", wait: 9000 });
  await finish();
  expect(timers.fire()).toBe(9500);
  await finish();
  scheduler.trouble({ kind: "failed" });
  expect(timers.fire()).toBe(750);
});

test("stopped is stopped", async () => {
  scheduler.request(true);
  const stopped = scheduler.stop();
  await finish();
  await stopped;
  scheduler.request(true);
  expect(runs).toBe(1);
  expect(timers.waiting).toEqual([]);
});
