import type { Backlog, OutboxEntry, Replica, StorageFacts } from "../store";
import { Observable } from "./observable";

/** What the sync is about. `paused` waits for a person: `reason` says what for. */
export type Phase = "idle" | "sending" | "receiving" | "offline" | "paused";
export type PauseReason =
  | "signed_out"
  | "update_needed"
  | "limited"
  | "no_access"
  | "server_error"
  | "storage_full";

/** One photo on its way, by sha256. */
export interface PhotoProgress {
  sha256: string;
  size: number;
  sent: number;
  refused: string | null;
}

export interface SyncStatus {
  phase: Phase;
  reason: PauseReason | null;
  backlog: Backlog;
  photos: PhotoProgress[];
  /** Commits that a person should look at: parked by the server, or set aside. */
  parked: OutboxEntry[];
  /** Commits that were parked and have been taken in since, until the user has read that. */
  healed: OutboxEntry[];
  /** Pokes arrive; without them the page pulls every minute. */
  live: boolean;
  /** Milliseconds since 1970, by the server's clock, of the last answer; null: never. */
  last_contact: number | null;
  /** How far a first pull or rebuild of all spaces has come, in seqs; null when none is under way. */
  filling: { done: number; total: number } | null;
  storage: StorageFacts | null;
}

const EMPTY: Backlog = {
  commits: 0,
  parked: 0,
  aside: 0,
  commit_bytes: 0,
  photos: 0,
  photo_bytes: 0,
  refused_photos: 0,
  oldest: null,
};

const START: SyncStatus = {
  phase: "idle",
  reason: null,
  backlog: EMPTY,
  photos: [],
  parked: [],
  healed: [],
  live: false,
  last_contact: null,
  filling: null,
  storage: null,
};

/** Keeps the observable status of one replica; figures come from the store, so that every tab shows the same. */
export class StatusBoard {
  readonly status = new Observable<SyncStatus>(START);
  private readonly end: () => void;

  constructor(replica: Replica) {
    this.end = replica.queries.watch(
      ["outbox", "blobs", "meta"],
      () => figures(replica),
      (part) => this.tell(part),
      // The database goes away under us only when the device is being wiped.
      () => undefined,
    );
  }

  tell(part: Partial<SyncStatus>): void {
    this.status.set({ ...this.status.value, ...part });
  }

  /** Bytes of one photo that have gone up, more often than the store is written. */
  progress(sha256: string, sent: number): void {
    const photos = this.status.value.photos.map((photo) =>
      photo.sha256 === sha256 ? { ...photo, sent } : photo,
    );
    this.tell({ photos });
  }

  stop(): void {
    this.end();
  }
}

async function figures(replica: Replica): Promise<Partial<SyncStatus>> {
  const [backlog, parked, healed, blobs, storage] = await Promise.all([
    replica.outbox.backlog(),
    replica.outbox.list(["parked", "aside"]),
    replica.outbox.healed(),
    replica.blobs.list(),
    replica.room.facts(),
  ]);
  const open = blobs.filter((blob) => blob.commits.length > 0 && blob.state !== "held");
  const photos = open.map(({ sha256, size, sent_bytes, state, reason }) => ({
    sha256,
    size,
    sent: sent_bytes,
    refused: state === "refused" ? (reason ?? "refused") : null,
  }));
  return { backlog, parked, healed, photos, storage };
}
