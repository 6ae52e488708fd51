import fc from "fast-check";
import { expect, test } from "vitest";
import { seeded } from "../../tests/kit/device.ts";
import { uuid7, uuid7Maker } from "./uuid7.ts";

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("the time stands in the first 48 bits, in milliseconds", () => {
  const id = uuid7Maker(() => 0x0193_5678_9abc, seeded(1))();
  expect(id).toMatch(FORM);
  expect(id.slice(0, 13)).toBe("01935678-9abc");
});

test("ids rise strictly, also within a millisecond and when the clock steps back", () => {
  const steps = fc.array(fc.integer({ min: -5, max: 3 }), { maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.integer(), (moves, seed) => {
      let now = 1_700_000_000_000;
      const make = uuid7Maker(() => now, seeded(seed));
      const ids = moves.map((move) => {
        now += move;
        return make();
      });
      for (const id of ids) expect(id).toMatch(FORM);
      expect([...ids].sort()).toEqual(ids);
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

test("ten thousand within one millisecond stay in order and differ", () => {
  const make = uuid7Maker(() => 1_700_000_000_000, seeded(3));
  const ids = Array.from({ length: 10_000 }, make);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(10_000);
});

test("the device's own maker gives well-formed ids of now", () => {
  const id = uuid7();
  expect(id).toMatch(FORM);
  expect(Math.abs(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16) - Date.now())).toBeLessThan(
    60_000,
  );
});
