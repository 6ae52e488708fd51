import { expect, test } from "vitest";
import { Device, KINDS, MORNING } from "../../tests/kit/device.ts";
import { FakeServer } from "../../tests/kit/server.ts";
import { Pokes, type SocketLike } from "./socket.ts";

class FakeSocket implements SocketLike {
  readonly listeners = new Map<string, (value?: unknown) => void>();
  gone = false;

  on(event: string, listener: (...values: never[]) => void) {
    this.listeners.set(event, listener as (value?: unknown) => void);
  }

  disconnect() {
    this.gone = true;
  }

  emit(event: string, value?: unknown) {
    this.listeners.get(event)?.(value);
  }
}

function heard() {
  const pokes: [string, number][] = [];
  const live: boolean[] = [];
  return {
    pokes,
    live,
    hooks: {
      poke: (space: string, head: number) => pokes.push([space, head]),
      live: (on: boolean) => live.push(on),
    },
  };
}

test("pokes are passed on, what is no poke is not", async () => {
  const socket = new FakeSocket();
  const { pokes, live, hooks } = heard();
  await new Pokes(async () => socket, hooks).start();
  socket.emit("connect");
  socket.emit("poke", { space: "qyl", head: 7 });
  for (const odd of [null, undefined, {}, { space: 3, head: "x" }, "poke"]) socket.emit("poke", odd);
  socket.emit("disconnect");
  expect(pokes).toEqual([
    ["", 0],
    ["qyl", 7],
  ]);
  expect(live).toEqual([true, false]);
});

test("when the server ends the connection, it is asked why", async () => {
  const socket = new FakeSocket();
  const { pokes, live, hooks } = heard();
  await new Pokes(async () => socket, hooks).start();
  socket.emit("disconnect", "transport close");
  expect(pokes).toEqual([]);
  socket.emit("disconnect", "io server disconnect");
  expect([pokes, live]).toEqual([[["", 0]], [false, false]]);
});

test("it connects once, and again after the chunk could not be loaded", async () => {
  let times = 0;
  const { hooks } = heard();
  const socket = new FakeSocket();
  const pokes = new Pokes(async () => {
    times += 1;
    if (times === 1) throw new Error("chunk");
    return socket;
  }, hooks);
  await pokes.start();
  await pokes.start();
  await pokes.start();
  expect(times).toBe(2);
  pokes.stop();
  expect(socket.gone).toBe(true);
});

test("stopped while it connects, it does not stay connected", async () => {
  const socket = new FakeSocket();
  let connect = () => {};
  const { hooks } = heard();
  const pokes = new Pokes(
    () =>
      new Promise((resolve) => {
        connect = () => resolve(socket);
      }),
    hooks,
  );
  const started = pokes.start();
  pokes.stop();
  connect();
  await started;
  expect(socket.gone).toBe(true);
});

test("a poke makes the tablet pull at once, and losing it costs only delay", async () => {
  const server = new FakeServer(KINDS, ["qyl"], () => MORNING);
  const other = await Device.start(server, { seed: 9 });
  const socket = new FakeSocket();
  const tablet = await Device.start(server, { socket: async () => socket });
  const signIn = (device: Device) => {
    server.signedIn = { user: device.user, device: device.session.current.value?.device ?? "" };
  };
  await tablet.sync.syncNow();
  await until(() => socket.listeners.size > 0);
  socket.emit("connect");
  expect(tablet.sync.status.value.live).toBe(true);
  const make = async (record: string) => {
    signIn(other);
    await other.save([{ op: "create", kind: "finding", record, set: { note: "n" } }]);
    await other.sync.syncNow();
    await until(() => server.record("qyl", record) !== undefined);
    await other.sync.syncNow();
    signIn(tablet);
  };
  await make("r1");
  socket.emit("poke", { space: "qyl", head: 1 });
  await until(async () => (await tablet.replica.queries.record("r1")) !== null);
  await make("r2");
  expect(await tablet.replica.queries.record("r2")).toBeNull();
  tablet.timers.fire();
  await until(async () => (await tablet.replica.queries.record("r2")) !== null);
  tablet.kill();
  other.kill();
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("it did not come about");
}
