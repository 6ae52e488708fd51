import type { Engine, ScopeAnswer } from "./engine";
import type { Filling } from "./filling";
import type { Puller } from "./pull";
import type { Pusher } from "./push";
import type { Session } from "./session";
import type { StatusBoard } from "./status";
import type { Trouble } from "./transport";

const MINUTE = 60_000;
/** A device without anything to send still says so, since coverage waits for its word. */
const HEARTBEAT_EVERY = 5 * MINUTE;
const ASK_AGAIN_AFTER = 5 * MINUTE;

export interface CycleParts {
  engine: Engine;
  session: Session;
  pusher: Pusher;
  puller: Puller;
  board: StatusBoard;
  filling: Filling;
}

/** One run of the sync: push, scope, pull, questions left open. */
export class Cycle {
  private lastHeartbeat = Number.NEGATIVE_INFINITY;
  private first = true;

  constructor(private readonly parts: CycleParts) {}

  /** Null when it came through. Trouble of one space alone does not keep the others waiting. */
  async run(): Promise<Trouble | null> {
    const { session, engine } = this.parts;
    if (session.current.value?.user.id !== engine.replica.user) return { kind: "unauthorised" };
    const pushed = await this.push();
    if (pushed !== null && !passing(pushed)) return pushed;
    const scope = await this.scope();
    if (scope.kind !== "ok") return scope;
    const spaces = scope.value.map(({ space }) => space);
    return (
      (await this.again(scope.value)) ?? (await this.pull(spaces)) ?? (await this.leftovers(spaces)) ?? pushed
    );
  }

  /** A space with another epoch than when we were answered may have been restored: it gets again what we still hold. */
  private async again(spaces: ScopeAnswer["spaces"]): Promise<Trouble | null> {
    const { engine, pusher } = this.parts;
    const epochs = new Map(spaces.map(({ space, epoch }) => [space, epoch]));
    for (const space of await engine.replica.outbox.spaces("acknowledged")) {
      if (epochs.has(space)) continue;
      // A space that may no longer be read says its epoch only in the answer to a push.
      const outcome = await pusher.post(space, []);
      if (outcome.kind === "ok") epochs.set(space, outcome.value.epoch);
      else if (!passing(outcome)) return outcome;
    }
    for (const [space, epoch] of epochs) {
      if ((await engine.replica.outbox.sendAgain(space, epoch)) === 0) continue;
      const trouble = await pusher.space(space);
      if (trouble !== null && !passing(trouble)) return trouble;
    }
    return null;
  }

  private async push(): Promise<Trouble | null> {
    const { engine, pusher, board } = this.parts;
    const spaces = await engine.replica.outbox.spaces();
    if (spaces.length > 0) board.tell({ phase: "sending" });
    let worst: Trouble | null = null;
    for (const space of spaces) {
      const trouble = await pusher.space(space);
      if (trouble !== null && !passing(trouble)) return trouble;
      worst = trouble ?? worst;
    }
    return worst;
  }

  /** Which spaces to follow. Also proof that the server takes us for whom we think we are, before anything is pulled. */
  private async scope(): Promise<{ kind: "ok"; value: ScopeAnswer["spaces"] } | Trouble> {
    const { engine, session } = this.parts;
    const asked = engine.watch.monotonic();
    const outcome = await engine.transport.get<ScopeAnswer>("/sync/scope");
    if (outcome.kind !== "ok") return outcome;
    const { user, spaces, server_time } = outcome.value;
    engine.watch.contact(server_time, asked);
    if (user.id !== engine.replica.user) return { kind: "unauthorised" };
    await session.learn(outcome.value);
    await engine.replica.forgetSpaces(spaces.map(({ space }) => space));
    // Whoever has no duty anywhere any more has nothing to walk on, and is told so at the sign-in page.
    if (Object.values(outcome.value.roles).every((held) => held.length === 0)) return { kind: "no_role" };
    const followed = new Set((await engine.replica.cursors()).map(({ space }) => space));
    this.parts.filling.begin(spaces.filter(({ space }) => !followed.has(space)));
    return { kind: "ok", value: spaces };
  }

  private async pull(spaces: readonly string[]): Promise<Trouble | null> {
    const { puller } = this.parts;
    let worst: Trouble | null = null;
    for (const space of spaces) {
      const trouble = await puller.space(space);
      if (trouble !== null && trouble.kind !== "refused") return trouble;
      worst = trouble ?? worst;
    }
    this.parts.filling.end();
    return worst;
  }

  private async leftovers(spaces: readonly string[]): Promise<Trouble | null> {
    const { engine, pusher } = this.parts;
    const now = engine.watch.corrected();
    const before = this.first ? Number.POSITIVE_INFINITY : now - ASK_AGAIN_AFTER;
    const trouble =
      (await pusher.again("aside", before)) ??
      (await pusher.ended()) ??
      (await pusher.again("parked", before));
    if (trouble !== null) return trouble;
    this.first = false;
    const beat = await this.heartbeat(spaces);
    if (beat !== null) return beat;
    await engine.replica.outbox.prune();
    await engine.replica.room.layBallast();
    return null;
  }

  private async heartbeat(spaces: readonly string[]): Promise<Trouble | null> {
    const { engine, pusher } = this.parts;
    const unsent = await engine.replica.outbox.unsent();
    const age = engine.watch.monotonic() - this.lastHeartbeat;
    if (unsent === pusher.said && age < HEARTBEAT_EVERY) return null;
    for (const space of spaces) {
      const trouble = await pusher.heartbeat(space);
      if (trouble !== null) return trouble;
    }
    this.lastHeartbeat = engine.watch.monotonic();
    return null;
  }
}

/** Trouble that concerns one request, one right or this device, not the connection. */
export function passing(trouble: Trouble): boolean {
  return ["refused", "wiped", "no_role", "full"].includes(trouble.kind);
}
