import type { Asked, PullPage } from "../store";
import { type Engine, spacePath } from "./engine";
import { Portion } from "./portion";
import type { Outcome, Trouble } from "./transport";

const MOST_RECORDS = 1000;
const LEAST_RECORDS = 25;
/** The whole is compared with the server's checksum after a first pull or rebuild, and then once a day. */
const VERIFY_EVERY = 24 * 60 * 60 * 1000;
/** A server that answers nonsense must not keep us in a circle. */
const MOST_REBUILDS = 3;

const BROKEN: Trouble = { kind: "failed", status: 200, problem: null };

export interface PullHooks {
  /** Something new is coming in. */
  receiving(): void;
  /** The server is another than before (restore, changed rights): send again what is still held, before rebuilding. */
  changedEpoch(space: string): Promise<Trouble | null>;
  /** A first pull or rebuild of a space has come to seq `done` of `total`. */
  filling(space: string, done: number, total: number): void;
}

/** Follows a space: pages until the state is consistent, rebuilds where the server says that history moved. */
export class Puller {
  private readonly portion = new Portion(MOST_RECORDS, LEAST_RECORDS);

  constructor(
    private readonly engine: Engine,
    private readonly hooks: PullHooks,
  ) {}

  /** Null when `space` is up to date and consistent, else what stopped it. */
  async space(space: string): Promise<Trouble | null> {
    let rebuilds = 0;
    for (;;) {
      const asked = await this.engine.replica.nextQuestion(space);
      const verify = asked.shadow || (await this.verifyDue(space));
      const outcome = await this.ask(asked, verify);
      if (outcome.kind === "ok") {
        const end = await this.take(asked, outcome.value, verify);
        if (end === "done") return null;
        if (end === "more") continue;
        if (end === "broken") return BROKEN;
      } else if (outcome.kind !== "refused" || outcome.status !== 410) {
        return outcome;
      } else {
        const trouble = await this.hooks.changedEpoch(space);
        if (trouble !== null) return trouble;
      }
      if (++rebuilds > MOST_REBUILDS) return BROKEN;
      await this.engine.replica.journal.note("rebuild", { rebuilds });
      await this.engine.replica.rebuild(space);
    }
  }

  private async ask({ space, from }: Asked, verify: boolean): Promise<Outcome<PullPage>> {
    const { seq, epoch, at } = from;
    const query = { since: seq, epoch, at, limit: this.portion.size, ...(verify ? { checksum: 1 } : {}) };
    const outcome = await this.engine.transport.get<PullPage>(spacePath(space, "pull"), query);
    this.portion.learn(outcome);
    return outcome;
  }

  private async take(
    asked: Asked,
    page: PullPage,
    verify: boolean,
  ): Promise<"more" | "done" | "broken" | "rebuild"> {
    const stuck = page.more && page.to <= asked.from.seq;
    if (page.since !== asked.from.seq || page.to < page.since || stuck) return "broken";
    if (asked.shadow || page.records.length > 0) this.hooks.receiving();
    // Another tab may have moved the cursor meanwhile; then the page is dropped and the question put anew.
    if ((await this.engine.replica.applyPage(asked, page)) === "stale") return "more";
    if (asked.shadow) this.hooks.filling(asked.space, page.to, page.head);
    if (page.more) return "more";
    if (!verify || page.checksum === undefined || page.checksum === null) return "done";
    return (await this.same(asked.space, page.to, page.checksum)) ? "done" : "rebuild";
  }

  private async same(space: string, to: number, checksum: string): Promise<boolean> {
    const { replica } = this.engine;
    const held = await replica.checksum(space);
    // A cursor that moved on in another tab makes the comparison void, not wrong.
    if (held.seq === to && held.checksum !== checksum) {
      await replica.journal.note("checksum_differs", { seq: to });
      return false;
    }
    await replica.setFact(`verified:${space}`, this.engine.watch.corrected());
    return true;
  }

  private async verifyDue(space: string): Promise<boolean> {
    const last = (await this.engine.replica.fact<number>(`verified:${space}`)) ?? 0;
    const age = this.engine.watch.corrected() - last;
    return age > VERIFY_EVERY || age < 0;
  }
}
