import { DeviceStore } from "../store";
import { deviceDisk } from "./disk";
import type { ScopeAnswer } from "./engine";
import type { Farewell } from "./farewell";
import { Observable } from "./observable";
import type { Outcome, Transport } from "./transport";
import { uuid7 } from "./uuid7";

export interface SessionUser {
  id: string;
  username: string;
  name: string;
}

export interface SessionSpace {
  space: string;
  name: string;
  name_en: string | null;
  type: "headquarters" | "project";
}

/** Who is signed in on this device. Kept across restarts, so that the app starts signed in without network. */
export interface SessionFacts {
  user: SessionUser;
  device: string;
  spaces: SessionSpace[];
  /** Roles by space, as the last scope said. */
  roles: Record<string, string[]>;
}

interface Opened {
  device: { id: string };
}

export type SignIn =
  | { kind: "ok"; session: SessionFacts }
  | { kind: "wrong" }
  | Exclude<Outcome<never>, { kind: "ok" } | { kind: "unauthorised" }>;

const DEVICE = "device";
const SESSION = "session";
/** A sign-out that the server has not heard of yet. */
const LEAVING = "leaving";
/** Why the server signed the last user out; told until somebody signs in. */
const FAREWELL = "farewell";

/** Signing in and out, and what is remembered of it. */
export class Session {
  private channel: BroadcastChannel | null;
  readonly current = new Observable<SessionFacts | null>(null);

  private constructor(
    private readonly transport: Transport,
    /** What belongs to the device: its id, its keys. */
    readonly store: DeviceStore,
    private readonly uuid: () => string,
  ) {
    this.channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("rounds-session");
    // Who signs in or out in one tab does so in all of them: they share the cookie.
    if (this.channel !== null) this.channel.onmessage = () => void this.reread();
  }

  /** Takes up the session that this device remembers; needs no network. */
  static async open(
    transport: Transport,
    store: DeviceStore = new DeviceStore(indexedDB, deviceDisk()),
    uuid: () => string = uuid7,
  ): Promise<Session> {
    const session = new Session(transport, store, uuid);
    session.current.set(await store.get<SessionFacts>(SESSION));
    return session;
  }

  /** Signs in with the server; `wrong`: the same for a wrong password and an unknown user. */
  async signIn(username: string, password: string, deviceName: string): Promise<SignIn> {
    await this.leave();
    let opened = await this.knock(username, password, deviceName);
    if (opened.kind === "refused" && opened.problem?.code === "device_key_fixed") {
      // The key of this device got lost while its id did not: whatever it signs from now on, a new device signs.
      await this.becomeNew();
      opened = await this.knock(username, password, deviceName);
    }
    if (opened.kind === "unauthorised") return { kind: "wrong" };
    if (opened.kind !== "ok") return opened;
    // Roles decide which part of the app opens, so the sign-in is only complete with them.
    const scope = await this.transport.get<ScopeAnswer>("/sync/scope");
    if (scope.kind === "unauthorised") return { kind: "failed", status: 401, problem: null };
    if (scope.kind !== "ok") return scope;
    const session: SessionFacts = { device: opened.value.device.id, ...factsOf(scope.value) };
    await this.store.remove(FAREWELL);
    await this.keep(session);
    return { kind: "ok", session };
  }

  /** Signs out here at once, and at the server now or at the next sign-in. What is unsent stays on the device. */
  async signOut(): Promise<void> {
    await this.store.set(LEAVING, true);
    await this.keep(null);
    await this.leave();
  }

  /** What a scope said about the signed-in user; ignored when somebody else is signed in by now. */
  async learn(scope: ScopeAnswer): Promise<void> {
    const before = this.current.value;
    if (before === null || before.user.id !== scope.user.id) return;
    const session: SessionFacts = { device: before.device, ...factsOf(scope) };
    if (JSON.stringify(session) !== JSON.stringify(before)) await this.keep(session);
  }

  /** From which number on the commits of `user` count on this device. */
  async firstN(user: string): Promise<number> {
    return (await this.store.get<number>(`n:${user}`)) ?? 1;
  }

  /**
   * The server shut somebody out: nobody is signed in any more, and the PINs of his people go. `wiped`: at which
   * number the replicas of which users were wiped; of a lost tablet those of all its users, and all PINs.
   */
  async shutOut(wiped: ReadonlyMap<string, number>, farewell: Farewell): Promise<void> {
    await this.store.set(FAREWELL, farewell);
    for (const [user, n] of wiped) await this.store.set(`n:${user}`, n);
    const everybody = farewell.cause === "lost";
    await this.store.removeAll(everybody ? "pins:" : `pins:${this.current.value?.user.id}:`);
    await this.signOut();
  }

  /** Why the server signed the last user out, until somebody has signed in. */
  farewell(): Promise<Farewell | null> {
    return this.store.get<Farewell>(FAREWELL);
  }

  close(): void {
    this.channel?.close();
    this.channel = null;
  }

  /** Remembers who is signed in, here and in the other tabs. */
  private async keep(session: SessionFacts | null): Promise<void> {
    if (session === null) await this.store.remove(SESSION);
    else await this.store.set(SESSION, session);
    this.current.set(session);
    this.channel?.postMessage(null);
  }

  private async reread(): Promise<void> {
    const session = await this.store.get<SessionFacts>(SESSION).catch(() => this.current.value);
    if (JSON.stringify(session) !== JSON.stringify(this.current.value)) this.current.set(session);
  }

  private async knock(username: string, password: string, name: string): Promise<Outcome<Opened>> {
    const device = { id: await this.deviceId(), name, ...(await this.publicKey()) };
    return this.transport.post<Opened>("/session", { username, password, device });
  }

  /** Browsers offer keys to secure pages only; elsewhere the device can do everything but sign. */
  private async publicKey(): Promise<{ public_key?: unknown }> {
    if (globalThis.crypto?.subtle === undefined) return {};
    const { DeviceKey } = await import("./device-key");
    return { public_key: await new DeviceKey(this.store).publicKey() };
  }

  private async becomeNew(): Promise<void> {
    const { DeviceKey } = await import("./device-key");
    await new DeviceKey(this.store).forget();
    await this.store.remove(DEVICE);
  }

  private async deviceId(): Promise<string> {
    const known = await this.store.get<string>(DEVICE);
    if (known !== null) return known;
    const id = this.uuid();
    await this.store.set(DEVICE, id);
    return id;
  }

  private async leave(): Promise<void> {
    if ((await this.store.get<boolean>(LEAVING)) !== true) return;
    const outcome = await this.transport.delete("/session");
    if (outcome.kind === "ok" || outcome.kind === "unauthorised" || outcome.kind === "refused") {
      await this.store.remove(LEAVING);
    }
  }
}

function factsOf({ user, spaces, roles }: ScopeAnswer): Omit<SessionFacts, "device"> {
  return {
    user: { id: user.id, username: user.username, name: user.name },
    spaces: spaces.map(({ space, name, name_en, type }) => ({ space, name, name_en: name_en ?? null, type })),
    roles,
  };
}
