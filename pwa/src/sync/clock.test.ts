import { beforeEach, expect, test } from "vitest";
import { MORNING, TestClocks } from "../../tests/kit/device.ts";
import { ClockWatch, zoned } from "./clock.ts";

const HOUR = 3_600_000;
let clocks: TestClocks;
let watch: ClockWatch;

beforeEach(() => {
  clocks = new TestClocks();
  watch = new ClockWatch(clocks);
});

/** A contact with a round trip of 400 ms, by a server whose clock is `offset` behind the device's. */
function contact(offset: number, trip = 400): void {
  const asked = watch.monotonic();
  const server = clocks.wall() + trip / 2 - offset;
  clocks.pass(trip);
  watch.contact(new Date(server).toISOString(), asked);
}

test("the offset is device minus server, measured at half of the round trip, in seconds on the wire", () => {
  contact(-1400);
  expect(watch.stamp().clock).toEqual({ offset: -1.4, jumped: false });
  expect(watch.corrected()).toBe(clocks.wall() + 1400);
});

test("a device time is raw and carries the business zone's offset", () => {
  contact(5 * HOUR);
  expect(watch.stamp().made_at).toBe("2026-11-23T09:00:00+08:00");
  expect(zoned(Date.parse("2026-11-22T23:30:00Z"))).toBe("2026-11-23T07:30:00+08:00");
});

test("a slow or broken answer measures nothing", () => {
  contact(1000);
  contact(90_000, 20_000);
  watch.contact("not a time", watch.monotonic());
  expect(watch.stamp().clock.offset).toBe(1);
});

test.each([
  ["forwards", HOUR],
  ["back", -HOUR],
  ["ten years forwards", 10 * 365 * 24 * HOUR],
])("a clock set %s since the contact is a jump, until the next contact measures anew", (_name, by) => {
  contact(0);
  expect(watch.stamp().clock.jumped).toBe(false);
  clocks.pass(60_000);
  clocks.wallTime += by;
  expect(watch.stamp().clock.jumped).toBe(true);
  clocks.pass(60_000);
  expect(watch.stamp().clock.jumped).toBe(true);
  contact(by);
  expect(watch.stamp().clock).toEqual({ offset: by / 1000, jumped: false });
});

test("an hour of use without a contact is no jump; neither is a small drift", () => {
  contact(0);
  for (let minute = 0; minute < 60; minute++) {
    clocks.pass(60_000);
    clocks.wallTime += 10;
    expect(watch.stamp().clock.jumped).toBe(false);
  }
});

test("small drift adds up to a jump", () => {
  contact(0);
  for (let minute = 0; minute < 60; minute++) {
    clocks.pass(60_000);
    clocks.wallTime += 100;
    watch.stamp();
  }
  expect(watch.stamp().clock.jumped).toBe(true);
});

test("sleep, in which the monotonic clock stands still, is no jump; a step back meanwhile is", () => {
  contact(0);
  watch.sleep();
  clocks.wallTime += 8 * HOUR;
  watch.wake();
  expect(watch.stamp().clock.jumped).toBe(false);
  watch.sleep();
  clocks.wallTime -= HOUR;
  watch.wake();
  expect(watch.stamp().clock.jumped).toBe(true);
});

test("offset and jump are remembered over a restart; a start before what was seen is a jump", () => {
  contact(2000);
  const kept = watch.remember();
  const later = new ClockWatch(new TestClocks(MORNING + HOUR, 5));
  later.recall(kept);
  expect(later.stamp().clock).toEqual({ offset: 2, jumped: false });
  expect(later.lastContact()).toBe(watch.lastContact());
  const earlier = new ClockWatch(new TestClocks(MORNING - HOUR, 5));
  earlier.recall(kept);
  expect(earlier.stamp().clock).toEqual({ offset: 2, jumped: true });
});

test("recalling again, late, loses neither a newer measurement nor a jump noticed since", () => {
  contact(2000);
  const kept = watch.remember();
  const next = new ClockWatch(clocks);
  next.recall(kept);
  clocks.wallTime -= HOUR;
  next.recall(next.remember());
  next.recall(kept);
  expect(next.stamp().clock).toEqual({ offset: 2, jumped: true });
  watch = next;
  contact(2000 - HOUR);
  next.recall(kept);
  expect(next.stamp().clock).toEqual({ offset: -3598, jumped: false });
});

test("before the first contact nothing is known", () => {
  watch.recall(null);
  expect(watch.stamp().clock).toEqual({ offset: 0, jumped: false });
  expect(watch.lastContact()).toBeNull();
});
