import type { ParkedAnswer } from "../contract";
import type { OutboxEntry } from "../store";
import { type Engine, PROTOCOL, type PushAnswer, spacePath } from "./engine";
import { Portion } from "./portion";
import type { Outcome, Trouble } from "./transport";

/** A push is at most 1 MB; the envelope around the commits needs a little of it. */
const MOST_BYTES = 1024 * 1024 - 4096;
const LEAST_BYTES = 16 * 1024;
const MOST_COMMITS = 100;

type Spoilt = Extract<Trouble, { kind: "refused" | "failed" }>;

/** Sends what the outbox holds. All methods return null when they came through, else what stopped them. */
export class Pusher {
  private readonly portion = new Portion(MOST_BYTES, LEAST_BYTES);
  /** How much the server was last told to be unsent here, in whatever push: -1 before the first. */
  said = -1;

  constructor(private readonly engine: Engine) {}

  /** All pending commits of `space`, oldest first, in batches. */
  async space(space: string): Promise<Trouble | null> {
    const { outbox } = this.engine.replica;
    let after = 0;
    for (;;) {
      const batch = await outbox.next(space, this.portion.size, MOST_COMMITS, after);
      const last = batch.at(-1);
      if (last === undefined) return null;
      const trouble = await this.send(space, batch);
      if (trouble !== null) return trouble;
      // What the server said `retry` to is still pending; it waits for the next run.
      after = last.n;
    }
  }

  /** Asks again about parked commits, and tries those that were set aside, each alone. */
  async again(state: "parked" | "aside", before: number): Promise<Trouble | null> {
    return this.each(await this.engine.replica.outbox.waiting(state, before));
  }

  /** Asks what became of parked commits that somebody has ended since: the server lists them no more. */
  async ended(): Promise<Trouble | null> {
    const waiting = await this.engine.replica.outbox.waiting("parked", Number.POSITIVE_INFINITY);
    if (waiting.length === 0) return null;
    const outcome = await this.engine.transport.get<ParkedAnswer>("/parked");
    if (outcome.kind === "refused") return null;
    if (outcome.kind !== "ok") return outcome;
    const open = new Set(outcome.value.parked.map(({ id }) => id));
    return this.each(waiting.filter(({ id }) => !open.has(id)));
  }

  private async each(entries: readonly OutboxEntry[]): Promise<Trouble | null> {
    for (const entry of entries) {
      const trouble = await this.send(entry.space, [entry]);
      if (trouble !== null && trouble.kind !== "refused") return trouble;
    }
    return null;
  }

  /** An empty push: says how much is unsent here. */
  async heartbeat(space: string): Promise<Trouble | null> {
    const outcome = await this.post(space, []);
    return outcome.kind === "ok" ? null : outcome;
  }

  /**
   * For whoever is shut out, whom no scope and no pull tells of a restore: sends again what a restored server may have
   * lost, and what was set aside.
   */
  async handIn(): Promise<Trouble | null> {
    const { outbox } = this.engine.replica;
    const aside = await this.again("aside", Number.POSITIVE_INFINITY);
    if (aside !== null) return aside;
    const answered = await outbox.list(["acknowledged", "parked"]);
    for (const space of new Set(answered.map((entry) => entry.space))) {
      const outcome = await this.post(space, []);
      if (outcome.kind !== "ok") return outcome;
      await outbox.sendAgain(space, outcome.value.epoch);
      const trouble = await this.space(space);
      if (trouble !== null) return trouble;
    }
    return null;
  }

  private async send(space: string, batch: readonly OutboxEntry[]): Promise<Trouble | null> {
    const outcome = await this.post(space, batch);
    this.portion.learn(outcome);
    if (outcome.kind === "ok") {
      const { epoch, results } = outcome.value;
      await this.engine.replica.outbox.settle({ space, epoch, results });
      return null;
    }
    if (!spoilt(outcome)) return outcome;
    const [single] = batch;
    if (single !== undefined && batch.length === 1) return this.offender(space, single, outcome);
    const middle = Math.ceil(batch.length / 2);
    return (await this.send(space, batch.slice(0, middle))) ?? this.send(space, batch.slice(middle));
  }

  /**
   * One commit alone spoils the request. Only if the server takes an empty push is it the commit's fault; it is then
   * set visibly aside, and the others go on. A server that is broken as a whole sets nothing aside.
   */
  private async offender(space: string, entry: OutboxEntry, outcome: Spoilt): Promise<Trouble | null> {
    const probe = await this.post(space, []);
    if (probe.kind !== "ok") return probe;
    const code = outcome.problem?.code ?? `http_${outcome.status}`;
    await this.engine.replica.outbox.setAside(space, entry.id, {
      code,
      detail: outcome.problem?.detail ?? null,
    });
    await this.engine.replica.journal.note("set_aside", { status: outcome.status, n: entry.n });
    return null;
  }

  /** Sends a push and notes what the server says of the time. */
  async post(space: string, entries: readonly OutboxEntry[]): Promise<Outcome<PushAnswer>> {
    const { replica, transport, watch } = this.engine;
    const body = {
      device: this.engine.device(),
      user: replica.user,
      protocol: PROTOCOL,
      device_time: watch.stamp().made_at,
      unsent: await replica.outbox.unsent(),
      commits: entries.map((entry) => entry.commit),
    };
    const asked = watch.monotonic();
    const outcome = await transport.post<PushAnswer>(spacePath(space, "push"), body);
    if (outcome.kind === "ok") {
      watch.contact(outcome.value.server_time, asked);
      this.said = body.unsent;
    }
    return outcome;
  }
}

/** Whether a smaller batch may get through where this one did not. */
function spoilt(trouble: Trouble): trouble is Spoilt {
  if (trouble.kind === "failed") return true;
  return trouble.kind === "refused" && (trouble.status === 400 || trouble.status === 413);
}
