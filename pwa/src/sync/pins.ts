import type { PinSetRequest, PinsAnswer } from "../contract";
import type { DeviceStore } from "../store";
import { fromBase64url } from "./device-key";
import type { Outcome, Transport } from "./transport";

export type Verifier = PinsAnswer["people"][number];

/** `none`: no PIN is set; `unknown`: this device knows nothing of the person; `left`: tries before it locks. */
export type PinCheck =
  | { kind: "right"; version: number }
  | { kind: "wrong"; left: number }
  | { kind: "locked" }
  | { kind: "none" }
  | { kind: "unknown" };

export type PinState = "set" | "locked" | "none" | "unknown";

/** Failures of one person at one version of the PIN. */
interface Tries {
  version: number;
  failed: number;
}

interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  bytes: ArrayBuffer;
  at: number;
}

export const MOST_FAILURES = 5;
const WRAPPING_KEY = "pin_key";
const HOUR = 3_600_000;

/**
 * The PINs of the people who sign on this device: checked without network against slow verifiers of the server,
 * which lie on the disk only under a key that cannot be taken out of this device. Of the PIN itself nothing is kept.
 */
export class Pins {
  private readonly known = new Map<string, Map<string, Verifier>>();

  /** `user`: whose team it is; another lead on the same tablet has other people. */
  constructor(
    private readonly store: DeviceStore,
    private readonly transport: Transport,
    private readonly user: string,
    private readonly now: () => number = Date.now,
  ) {}

  /** Asks the server for the verifiers of a space, unless that was done within the hour. */
  async refresh(space: string, force = false): Promise<Outcome<PinsAnswer> | null> {
    const kept = await this.store.get<Sealed>(this.key(space));
    if (!force && kept !== null && this.now() - kept.at < HOUR && kept.at <= this.now()) return null;
    const outcome = await this.transport.get<PinsAnswer>(`/pins/${encodeURIComponent(space)}`);
    if (outcome.kind === "ok") await this.keep(space, outcome.value.people);
    return outcome;
  }

  async state(space: string, person: string): Promise<PinState> {
    const verifier = (await this.people(space)).get(person);
    if (verifier === undefined) return "unknown";
    if (!verifier.verifier) return "none";
    return (await this.failures(verifier)) >= MOST_FAILURES ? "locked" : "set";
  }

  /** Counts a failure on the disk before it looks, so that killing the app gains no try. */
  async check(space: string, person: string, pin: string): Promise<PinCheck> {
    const verifier = (await this.people(space)).get(person);
    if (verifier === undefined) return { kind: "unknown" };
    if (!verifier.verifier || !verifier.salt || !verifier.iterations) return { kind: "none" };
    const { failed } = await this.note(verifier, (before) => before + 1);
    if (failed > MOST_FAILURES) return { kind: "locked" };
    const derived = await derive(pin, fromBase64url(verifier.salt), verifier.iterations);
    if (same(derived, fromBase64url(verifier.verifier))) {
      await this.note(verifier, () => 0);
      return { kind: "right", version: verifier.version };
    }
    return failed === MOST_FAILURES ? { kind: "locked" } : { kind: "wrong", left: MOST_FAILURES - failed };
  }

  /** Sets a PIN at the server, proven by an enrolment code or the PIN before; then fetches what belongs to it. */
  async set(space: string, person: string, request: PinSetRequest): Promise<Outcome<unknown>> {
    const path = `/pins/${encodeURIComponent(space)}/${encodeURIComponent(person)}`;
    const outcome = await this.transport.post<unknown>(path, request);
    if (outcome.kind === "ok") await this.refresh(space, true);
    return outcome;
  }

  /** Forgets everything of this user. */
  async wipe(): Promise<void> {
    this.known.clear();
    await this.store.removeAll(`pins:${this.user}:`);
  }

  private async people(space: string): Promise<Map<string, Verifier>> {
    const known = this.known.get(space);
    if (known !== undefined) return known;
    const kept = await this.store.get<Sealed>(this.key(space));
    const people = kept === null ? [] : await this.open(kept);
    const found = new Map(people.map((one) => [one.person, one]));
    this.known.set(space, found);
    return found;
  }

  private async keep(space: string, people: Verifier[]): Promise<void> {
    const key = (await this.wrappingKey()) ?? (await this.makeKey());
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(people));
    const bytes = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain);
    await this.store.set(this.key(space), { iv, bytes, at: this.now() } satisfies Sealed);
    this.known.set(space, new Map(people.map((one) => [one.person, one])));
  }

  private async open({ iv, bytes }: Sealed): Promise<Verifier[]> {
    const key = await this.wrappingKey();
    if (key === null) return [];
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes);
    return JSON.parse(new TextDecoder().decode(plain)) as Verifier[];
  }

  private wrappingKey(): Promise<CryptoKey | null> {
    return this.store.get<CryptoKey>(WRAPPING_KEY);
  }

  private async makeKey(): Promise<CryptoKey> {
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]);
    await this.store.set(WRAPPING_KEY, key);
    return key;
  }

  private async failures({ person, version }: Verifier): Promise<number> {
    return failedAt(version, await this.store.get<Tries>(`pin_tries:${person}`));
  }

  private note({ person, version }: Verifier, count: (before: number) => number): Promise<Tries> {
    return this.store.update<Tries>(`pin_tries:${person}`, (tries) => ({
      version,
      failed: count(failedAt(version, tries)),
    }));
  }

  private key(space: string): string {
    return `pins:${this.user}:${space}`;
  }
}

/** Of this version only: a PIN set anew, or a lock lifted by the office, begins at nothing. */
function failedAt(version: number, tries: Tries | null): number {
  return tries !== null && tries.version >= version ? tries.failed : 0;
}

async function derive(pin: string, salt: Uint8Array<ArrayBuffer>, iterations: number): Promise<Uint8Array> {
  const material = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, [
    "deriveBits",
  ]);
  const algorithm = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, material, 256));
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  let differs = one.length ^ other.length;
  for (let i = 0; i < one.length; i += 1) differs |= (one[i] ?? 0) ^ (other[i] ?? 0);
  return differs === 0;
}
