import fc from "fast-check";
import { test } from "vitest";
import type { Fault } from "../../tests/kit/server.ts";
import { type Step, World } from "../../tests/kit/world.ts";

const tablet = fc.nat(1);
const pick = fc.nat(9);
/** Turns of the event loop that pass before something happens. */
const ticks = fc.nat(40);
const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Fault>("ok") },
  fc.constantFrom<Fault>("drop", "lose", "twice", { status: 500 }, { status: 413 }, { status: 502 }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("create" as const),
      tablet,
      photo: fc.boolean(),
      parks: fc.boolean(),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("edit" as const), tablet, pick, note: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("tag" as const), tablet, pick }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("run" as const),
      tablet,
      faults: fc.array(fault, { maxLength: 8 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("killed run" as const), tablet, after: fc.nat(8) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("killed save" as const), tablet, ticks }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("busy run" as const), tablet, pick, ticks }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("two tabs" as const),
      tablet,
      faults: fc.array(fault, { maxLength: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "backup" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "restore" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "epoch" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("wait" as const), minutes: fc.integer({ min: 1, max: 600 }) }),
  },
);

/** Histories that once broke something. */
const FOUND: [Step[]][] = [
  // Acknowledged, never pulled, and the server restored to before it: the first pull of the new epoch must not make us
  // believe that the server has it.
  [
    [
      { do: "create", tablet: 0, photo: false, parks: false },
      { do: "killed run", tablet: 0, after: 1 },
      { do: "restore" },
      { do: "run", tablet: 0, faults: [] },
    ],
  ],
  // An edit of a record that only the restored server's other tablet still holds waits, parked, for that tablet.
  [
    [
      { do: "create", tablet: 1, photo: false, parks: false },
      { do: "killed run", tablet: 1, after: 0 },
      { do: "run", tablet: 0, faults: [] },
      { do: "restore" },
      { do: "edit", tablet: 0, pick: 0, note: 0 },
      { do: "run", tablet: 0, faults: [] },
    ],
  ],
];

const soak = process.env.ROUNDS_SOAK === "1";

/**
 * Any history of saves, runs, lost requests and answers, kills, backups, restores and parked commits ends, once the
 * trouble is over, with nothing unsent, nothing lost, and every tablet showing what the server holds.
 */
test(
  "any history ends with nothing unsent and every view equal to the server",
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: soak ? 60 : 25 }), async (steps) => {
        const world = await World.open();
        try {
          for (const one of steps) await world.take(one);
          await world.heal();
          await world.check();
        } finally {
          world.close();
        }
      }),
      { ...(soak ? { numRuns: 2000 } : { numRuns: 60, seed: 20_261_123 }), examples: FOUND },
    );
  },
  soak ? 3_600_000 : 110_000,
);
