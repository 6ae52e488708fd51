import { DISCARDED, type Replica } from "../store";

/** Why somebody was signed out by the server: `stopped` says no more than that device or account was shut out. */
export type ShutOut = "device" | "account" | "stopped" | "lost" | "no_role";

interface Who {
  name: string;
  username: string;
}

interface Count {
  commits: number;
  photos: number;
}

/** What the sign-in page tells after that; it outlives the wipe, and holds no content of any record. */
export interface Farewell {
  cause: ShutOut;
  user: Who;
  /** Milliseconds since 1970, corrected. */
  at: number;
  /** What waits in the office for a reviewer. */
  handed: Count;
  /** What was never handed in, and is gone: only a device reported lost forfeits. */
  forfeited: Count;
  /** Unfinished checks; `kept`: they still lie on this device. */
  drafts: { count: number; kept: boolean };
}

/** Counted before anything is wiped. */
export async function farewellOf(replica: Replica, user: Who, cause: ShutOut, at: number): Promise<Farewell> {
  const [parked, backlog, blobs, drafts] = await Promise.all([
    replica.outbox.list(["parked"]),
    replica.outbox.backlog(),
    replica.blobs.list(),
    replica.drafts.list(),
  ]);
  const waiting = new Set(
    parked.filter(({ result }) => result?.reason?.code !== DISCARDED).map(({ id }) => id),
  );
  const photos = blobs.filter(
    ({ state, commits }) => state === "held" && commits.some((commit) => waiting.has(commit)),
  );
  const count = drafts.length;
  return {
    cause,
    user: { name: user.name, username: user.username },
    at,
    handed: { commits: waiting.size, photos: photos.length },
    forfeited: { commits: backlog.commits, photos: backlog.photos },
    drafts: { count, kept: cause === "no_role" && count > 0 },
  };
}
