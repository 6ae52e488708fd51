import type { CommitDraft, OutboxEntry, Replica } from "../../src/store/index.ts";
import type { Network } from "./network.ts";

/**
 * Clients that are broken on purpose, each in one way, so that it is seen whether the oracle notices:
 *
 * - `answers itself`: takes a commit for acknowledged before anybody answered
 * - `lets photos go`: takes a photo for verified once it has gone up, and deletes it
 * - `cursor first`: moves the cursor in a transaction of its own, and writes the data after it
 * - `drops the outbox`: when the server is another than before, forgets what it holds instead of sending it again
 * - `never sends again`: believes that a restored server has what the one before it had
 * - `other numbers`: sends a commit under another number than its save gave it
 * - `other ids`: sends a commit that got no answer as if it were a new one
 * - `rebases`: takes as base what is current when it saves, not what its user was looking at
 * - `lazy disk`: says "saved" before it is on the disk
 * - `keeps what is lost`: does not forget what its user may no longer read
 */
export type Mutant =
  | ""
  | "answers itself"
  | "lets photos go"
  | "cursor first"
  | "drops the outbox"
  | "never sends again"
  | "other numbers"
  | "other ids"
  | "rebases"
  | "lazy disk"
  | "keeps what is lost";

type Breaking = (replica: Replica) => void;

const BREAKS: Partial<Record<Mutant, Breaking>> = {
  "answers itself"(replica) {
    const { outbox } = replica;
    const next = outbox.next.bind(outbox);
    outbox.next = async (space, ...limits) => {
      const batch = await next(space, ...limits);
      const results = batch.map(({ id }) => ({
        commit: id,
        status: "applied" as const,
        replayed: false,
        seqs: {},
        conflicts: [],
      }));
      const cursor = (await replica.cursors()).find((one) => one.space === space);
      await outbox.settle({ space, epoch: cursor?.epoch ?? "", results });
      return batch;
    };
  },
  "lets photos go"({ blobs }) {
    const update = blobs.update.bind(blobs);
    blobs.update = (sha256, part) =>
      update(sha256, part.state === "sent" ? ({ ...part, state: "held", verified_at: 0 } as never) : part);
  },
  "cursor first"(replica) {
    const apply = replica.applyPage.bind(replica);
    replica.applyPage = async (asked, page) => {
      if ((await apply(asked, { ...page, records: [] })) === "stale") return "stale";
      for (let pause = 0; pause < 10; pause++) await replica.cursors();
      const { epoch, to, at, backed_up_seq = null } = page;
      const from = { ...asked.from, epoch, seq: to, at, backed_up_seq };
      return apply({ space: asked.space, from, shadow: asked.shadow && page.more }, page);
    };
  },
  "drops the outbox"({ outbox }) {
    outbox.sendAgain = async (space) => {
      for (const entry of await outbox.list(["pending", "acknowledged", "parked"])) {
        if (entry.space === space) await forget(outbox, entry);
      }
      return 0;
    };
  },
  "never sends again"({ outbox }) {
    outbox.sendAgain = () => Promise.resolve(0);
  },
  "keeps what is lost"(replica) {
    replica.forgetSpaces = () => Promise.resolve([]);
    replica.wipe = () => Promise.resolve(1);
  },
};

/** Breaks a fresh client, if it is to be broken. */
export function breakClient(mutant: Mutant, replica: Replica): void {
  BREAKS[mutant]?.(replica);
}

/** Breaks what a tablet sends; called once for its wire. */
export function breakNetwork(mutant: Mutant, network: Network, uuid: () => string): void {
  const known = new Set<string>();
  const renamed = ({ id, ...commit }: { id: string }) => {
    const again = known.has(id);
    known.add(id);
    return { ...commit, id: again ? uuid() : id };
  };
  const renumbered = ({ n, ...commit }: { n: number }) => ({ ...commit, n: n + 1 });
  const change = mutant === "other ids" ? renamed : mutant === "other numbers" ? renumbered : null;
  if (change === null) return;
  network.tamper = (path, body) => {
    if (!path.endsWith("/push")) return body;
    const push = body as { commits: { id: string; n: number }[] };
    return { ...push, commits: push.commits.map(change as (commit: unknown) => unknown) };
  };
}

/** A commit as a client saves it that bases on what is newest. */
export async function rebased(replica: Replica, draft: CommitDraft): Promise<CommitDraft> {
  const changes = await Promise.all(
    draft.changes.map(async (change) => {
      const now = await replica.queries.record(change.record);
      if (change.op !== "patch" || now === null) return change;
      const units = Object.keys(change.base ?? {});
      const base = units.map((unit) => [unit, now.versions[unit] ?? now.created_by_change]);
      return { ...change, base: Object.fromEntries(base) as Record<string, string> };
    }),
  );
  return { ...draft, changes };
}

/** What `dismiss` does for a commit that was given up. */
async function forget(outbox: Replica["outbox"], { id }: OutboxEntry): Promise<void> {
  const { core } = outbox as unknown as {
    core: { database: { run: (...asked: unknown[]) => Promise<void> } };
  };
  const remove = (tx: { delete(store: string, key: string): void }) => tx.delete("outbox", id);
  await core.database.run(["outbox"], "write", remove);
}
