import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";
import { DeviceStore } from "../store/index.ts";
import { base64url } from "./device-key.ts";
import { MOST_FAILURES, Pins, type Verifier } from "./pins.ts";
import type { Transport } from "./transport.ts";

globalThis.IDBKeyRange = IDBKeyRange;

const WANG = "0193aaaa-0000-7000-8000-000000000001";
const LI = "0193aaaa-0000-7000-8000-000000000002";
const NOBODY = "0193aaaa-0000-7000-8000-000000000003";
const PIN = "271828";

let factory: IDBFactory;
let people: Verifier[];
let asked: string[];
let offline = false;
let time = 0;

async function verifierOf(person: string, version: number): Promise<Verifier> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const material = await crypto.subtle.importKey("raw", new TextEncoder().encode(PIN), "PBKDF2", false, [
    "deriveBits",
  ]);
  const iterations = 1000;
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations },
    material,
    256,
  );
  const verifier = base64url(new Uint8Array(bits));
  return { person, version, iterations, salt: base64url(salt), verifier };
}

const transport = {
  get: async (path: string) => {
    asked.push(path);
    return offline ? { kind: "offline", cause: "network" } : { kind: "ok", value: { people } };
  },
  post: async (path: string) => {
    asked.push(path);
    return { kind: "ok", value: {} };
  },
} as unknown as Transport;

const tablet = (user = "he") => new Pins(new DeviceStore(factory), transport, user, () => time);

beforeEach(async () => {
  factory = new IDBFactory();
  people = [await verifierOf(WANG, 1), { person: LI, version: 0 }];
  asked = [];
  offline = false;
  time = 1_000_000;
  await tablet().refresh("qyl");
});

test("a PIN is checked without network, after a restart too", async () => {
  offline = true;
  expect(await tablet().check("qyl", WANG, PIN)).toEqual({ kind: "right", version: 1 });
  expect(await tablet().check("qyl", LI, PIN)).toEqual({ kind: "none" });
  expect(await tablet().check("qyl", NOBODY, PIN)).toEqual({ kind: "unknown" });
  expect(await tablet("xie").check("qyl", WANG, PIN)).toEqual({ kind: "unknown" });
});

test("five failures lock, however often the app is killed in between; the right one does not open it then", async () => {
  for (let left = MOST_FAILURES - 1; left > 0; left -= 1)
    expect(await tablet().check("qyl", WANG, "111111")).toEqual({ kind: "wrong", left });
  expect(await tablet().check("qyl", WANG, "111111")).toEqual({ kind: "locked" });
  expect(await tablet().check("qyl", WANG, PIN)).toEqual({ kind: "locked" });
  expect(await tablet().state("qyl", WANG)).toBe("locked");
});

test("a try counts before it is looked at, so that two at once are two", async () => {
  const pins = tablet();
  await Promise.all([1, 2, 3].map(() => pins.check("qyl", WANG, "111111")));
  await tablet().check("qyl", WANG, "222222");
  expect(await tablet().check("qyl", WANG, "333333")).toEqual({ kind: "locked" });
});

test("the right one forgets the failures before it", async () => {
  await tablet().check("qyl", WANG, "111111");
  await tablet().check("qyl", WANG, PIN);
  expect(await tablet().check("qyl", WANG, "111111")).toEqual({ kind: "wrong", left: MOST_FAILURES - 1 });
});

test("a newer version lifts the lock, the same one does not", async () => {
  for (let i = 0; i < MOST_FAILURES; i += 1) await tablet().check("qyl", WANG, "111111");
  await tablet().refresh("qyl", true);
  expect(await tablet().state("qyl", WANG)).toBe("locked");
  people = [await verifierOf(WANG, 2)];
  await tablet().refresh("qyl", true);
  expect(await tablet().check("qyl", WANG, PIN)).toEqual({ kind: "right", version: 2 });
});

test("the server is asked once an hour, and at once when told to", async () => {
  await tablet().refresh("qyl");
  expect(asked).toHaveLength(1);
  time += 3_600_001;
  await tablet().refresh("qyl");
  await tablet().refresh("qyl", true);
  expect(asked).toHaveLength(3);
});

test("on the disk lies neither verifier nor salt in the clear, and a wipe leaves none of it", async () => {
  const kept = await new DeviceStore(factory).get<{ bytes: ArrayBuffer }>("pins:he:qyl");
  const text = new TextDecoder("latin1").decode(kept?.bytes);
  for (const secret of [people[0]?.verifier, people[0]?.salt, WANG]) expect(text).not.toContain(secret);
  await tablet().wipe();
  expect(await new DeviceStore(factory).get("pins:he:qyl")).toBeNull();
});
