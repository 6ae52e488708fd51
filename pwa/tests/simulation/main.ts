import { createInterface } from "node:readline";
import "./xhr.ts";
import { type Act, Hands, type Reach } from "./acts.ts";
import type { Death } from "./disk.ts";
import { dump, read } from "./dump.ts";
import { Tablet, type TabletOptions } from "./tablet.ts";

/** One line of JSON in, one out: `{id, tablet, do, …}` is answered by `{id, value}` or `{id, error}`, in any order. */
type Order = { id: number; tablet: string } & (
  | ({ do: "make"; reach: Reach } & TabletOptions)
  | { do: "sign in" | "enrol" | "boot" | "sync" | "dump" | "read" | "close" | "standing" }
  | { do: "checksum"; space: string }
  | { do: "acts"; acts: Act[] }
  | { do: "kill"; death: Death; lost: number }
  | { do: "kill after"; steps: number; within: number; death: Death; lost: number }
  | { do: "pass"; milliseconds: number }
);

/** The answer to an order that its tablet did not live to end. */
const KILLED = "killed";

const tablets = new Map<string, { tablet: Tablet; hands: Hands }>();

async function obey(order: Order): Promise<unknown> {
  if (order.do === "make") return make(order.tablet, order, order.reach);
  const { tablet, hands } = named(order.tablet);
  const unlessKilled = <T>(work: Promise<T>) => Promise.race([work, tablet.life.over.then(() => KILLED)]);
  switch (order.do) {
    case "boot":
      return tablet.boot();
    case "sign in":
      return unlessKilled(tablet.signIn());
    case "enrol":
      return tablet.enrol();
    case "checksum":
      return tablet.replica?.checksum(order.space) ?? null;
    case "acts":
      return unlessKilled(inTurn(order.acts, { tablet, hands }));
    case "sync":
      return unlessKilled(tablet.settle());
    case "standing":
      return tablet.standing();
    case "kill":
      return tablet.kill(order.death, order.lost);
    case "kill after":
      return tablet.killAfter(order.steps, order.within, order.death, order.lost);
    case "pass":
      tablet.clock += order.milliseconds;
      return null;
    case "dump":
      return dump(tablet);
    case "read":
      return read(tablet);
    case "close":
      tablet.kill();
      tablet.network.close();
      tablets.delete(order.tablet);
      return null;
  }
}

/** How many of them saved something. A tablet that is wiped meanwhile takes nothing more. */
async function inTurn(acts: Act[], { tablet, hands }: { tablet: Tablet; hands: Hands }): Promise<number> {
  const { replica } = tablet;
  let saved = 0;
  try {
    for (const act of acts) if (await hands.do(act)) saved += 1;
  } catch (error) {
    if (!replica?.closed) throw error;
  }
  return saved;
}

function make(name: string, options: TabletOptions, reach: Reach): null {
  const tablet = new Tablet(options);
  tablets.set(name, { tablet, hands: new Hands(tablet, reach) });
  return null;
}

function named(name: string) {
  const found = tablets.get(name);
  if (found === undefined) throw new Error(`there is no tablet ${name}`);
  return found;
}

function tell(answer: unknown): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  obey(order).then(
    (value) => tell({ id: order.id, value: value ?? null }),
    (error: unknown) => tell({ id: order.id, error: String((error as Error)?.stack ?? error) }),
  );
}
// The conductor has hung up.
process.exit(0);
