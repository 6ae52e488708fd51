import { type Replica, StorageFull } from "../store";
import { BlobSync } from "./blobs";
import type { ClockMemory, ClockWatch } from "./clock";
import { Cycle, passing } from "./cycle";
import type { Engine } from "./engine";
import { type Farewell, farewellOf, type ShutOut } from "./farewell";
import { Filling } from "./filling";
import { type LocksLike, withLock } from "./locks";
import type { Observable } from "./observable";
import { Puller } from "./pull";
import { Pusher } from "./push";
import { deviceTimers, type RunEnd, Scheduler, type Timers } from "./scheduler";
import type { Session } from "./session";
import { Pokes, type SocketMaker, socketMaker } from "./socket";
import { type PauseReason, type Phase, StatusBoard, type SyncStatus } from "./status";
import { browserLocks, cryptoShare, pageSurroundings, type Surroundings } from "./surroundings";
import type { Transport, Trouble } from "./transport";
import { tusUploader, type Uploader } from "./tus";

/** How long a tab waits for the one that syncs, or sends photos (milliseconds). */
const PATIENCE = 90_000;
const PHOTO_PATIENCE = 600_000;
/** However long a server says to wait, the sync looks again after ten minutes. */
const LONGEST_WAIT = 600_000;
const CLOCK = "clock";

export interface SyncOptions {
  session: Session;
  transport: Transport;
  watch: ClockWatch;
  uploader?: Uploader;
  /** Null: no socket. */
  socket?: SocketMaker | null;
  timers?: Timers;
  random?: () => number;
  locks?: LocksLike | null;
  surroundings?: Surroundings;
}

export interface SyncHandle {
  readonly status: Observable<SyncStatus>;
  /** Runs at once, also where the loop would wait; resolved at the end of the run. */
  syncNow(): Promise<void>;
  /** Tries a refused photo once more. */
  retryPhoto(sha256: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts to keep `replica` and the server alike, until stopped. Never throws; its status says how it stands. */
export function startSync(replica: Replica, options: SyncOptions): SyncHandle {
  return new Loop(replica, options);
}

class Loop implements SyncHandle {
  readonly status: Observable<SyncStatus>;
  private readonly board: StatusBoard;
  private readonly scheduler: Scheduler;
  private readonly cycle: Cycle;
  private readonly pusher: Pusher;
  private readonly blobs: BlobSync;
  private readonly pokes: Pokes | null;
  private readonly locks: LocksLike | null;
  private readonly surroundings: Surroundings;
  private readonly ends: (() => void)[] = [];
  private readonly started: Promise<void>;
  private photos: Promise<void> | null = null;
  private photosAgain = false;
  private stopped = false;

  constructor(
    private readonly replica: Replica,
    private readonly options: SyncOptions,
  ) {
    const { session, transport, watch } = options;
    const device = () => session.current.value?.device ?? "";
    const engine: Engine = { replica, transport, watch, device };
    this.board = new StatusBoard(replica);
    this.status = this.board.status;
    const pusher = new Pusher(engine);
    this.pusher = pusher;
    const filling = new Filling(this.board);
    const puller = new Puller(engine, {
      changedEpoch: async (space) => {
        await replica.outbox.sendAgain(space);
        return pusher.space(space);
      },
      receiving: () => this.board.tell({ phase: "receiving" }),
      filling: (space, done, total) => filling.at(space, done, total),
    });
    this.cycle = new Cycle({ engine, session, pusher, puller, board: this.board, filling });
    this.blobs = new BlobSync(engine, options.uploader ?? tusUploader(transport.base), {
      progress: (sha256, sent) => this.board.progress(sha256, sent),
    });
    this.pokes = this.listener(options.socket === undefined ? socketMaker : options.socket);
    this.locks = options.locks === undefined ? browserLocks() : options.locks;
    this.surroundings = options.surroundings ?? pageSurroundings;
    this.scheduler = new Scheduler({
      run: () => this.unlessClosed(() => this.run(), { kind: "paused" }),
      timers: options.timers ?? deviceTimers,
      random: options.random ?? cryptoShare,
    });
    this.started = this.unlessClosed(() => this.start(), undefined);
  }

  private async start(): Promise<void> {
    const { watch, session } = this.options;
    // Before anything is measured or stamped anew.
    watch.recall(await this.replica.fact<ClockMemory>(CLOCK));
    if (this.stopped) return;
    this.board.tell({ last_contact: watch.lastContact() });
    this.ends.push(
      this.surroundings.listen({
        urgent: () => this.scheduler.request(true),
        sleep: () => watch.sleep(),
        wake: () => watch.wake(),
      }),
      this.replica.subscribe((changed) => {
        if (changed.saved && this.surroundings.online()) this.scheduler.request(false);
      }),
      session.current.subscribe(() => this.scheduler.request(true)),
    );
  }

  async syncNow(): Promise<void> {
    await this.started;
    await this.scheduler.runNow();
  }

  async retryPhoto(sha256: string): Promise<void> {
    await this.replica.blobs.update(sha256, {
      state: "local",
      reason: null,
      upload_url: null,
      sent_bytes: 0,
    });
    await this.sendPhotos();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const end of this.ends) end();
    this.pokes?.stop();
    await this.scheduler.stop();
    await this.photos;
    this.board.stop();
  }

  private listener(make: SocketMaker | null): Pokes | null {
    if (make === null) return null;
    return new Pokes(make, {
      poke: () => this.scheduler.request(true),
      live: (live) => this.board.tell({ live }),
    });
  }

  private async run(): Promise<RunEnd> {
    const { watch } = this.options;
    const lock = `rounds-sync:${this.replica.name}`;
    const met = await withLock(this.locks, lock, PATIENCE, () => this.cycle.run()).catch(full);
    const unkept = await this.replica.setFact(CLOCK, watch.remember()).then(() => null, full);
    const trouble = met ?? unkept;
    this.board.tell({ ...standing(trouble), last_contact: watch.lastContact() });
    const shutOut = shutOutBy(trouble);
    if (shutOut !== null) return this.leave(shutOut);
    if (trouble === null || passing(trouble)) void this.sendPhotos();
    if (trouble === null) void this.pokes?.start();
    return endOf(trouble);
  }

  /** Photos go up beside the commits, so that a slow one keeps no check waiting. */
  private sendPhotos(): Promise<void> {
    this.photosAgain = true;
    this.photos ??= this.unlessClosed(() => this.photoRounds(), undefined)
      .catch((error: unknown) => {
        if (!(error instanceof StorageFull)) console.error("photos", error);
        this.scheduler.trouble({ kind: "failed" });
      })
      .finally(() => {
        this.photos = null;
      });
    return this.photos;
  }

  /** The database may be wiped in another tab while we work; then there is nothing left to do, and nothing wrong. */
  private async unlessClosed<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!this.replica.closed) throw error;
      return otherwise;
    }
  }

  private async photoRounds(): Promise<void> {
    while (this.photosAgain && !this.stopped) {
      this.photosAgain = false;
      const waiting = await this.blobs.waiting();
      if (waiting) this.board.tell({ phase: "sending" });
      const lock = `rounds-photos:${this.replica.name}`;
      const trouble = await withLock(this.locks, lock, PHOTO_PATIENCE, () => this.blobs.run());
      if (waiting || trouble !== null) this.board.tell(standing(trouble));
      if (trouble !== null) {
        this.scheduler.trouble(endOf(trouble));
        return;
      }
    }
  }

  /** Whose replicas were wiped, each at which number: of a lost tablet those of all its users. */
  private async wiped(cause: ShutOut, { drafts }: Farewell): Promise<ReadonlyMap<string, number>> {
    if (cause === "lost") return this.replica.wipeAll();
    return drafts.kept ? new Map() : new Map([[this.replica.user, await this.replica.wipe()]]);
  }

  /** This user or device may no longer read. What was not handed in goes up first, unless the device counts as lost. */
  private async leave(cause: ShutOut): Promise<RunEnd> {
    const { session, watch } = this.options;
    const user = session.current.value?.user;
    if (user === undefined) return { kind: "paused" };
    if (cause !== "lost") {
      const trouble = await this.pusher.handIn();
      if (trouble !== null) return endOf(trouble);
      await this.replica.blobs.doubt();
      await this.sendPhotos();
      const { commits, photos } = await this.replica.outbox.backlog();
      if (commits + photos > 0) return { kind: "failed" };
    }
    this.board.stop();
    const farewell = await farewellOf(this.replica, user, cause, watch.corrected());
    // A duty may come back; unfinished checks of somebody who lost his wait for it.
    await session.shutOut(await this.wiped(cause, farewell), farewell);
    return { kind: "paused" };
  }
}

function shutOutBy(trouble: Trouble | null): ShutOut | null {
  if (trouble?.kind === "no_role") return "no_role";
  if (trouble?.kind !== "wiped") return null;
  return trouble.now ? "lost" : (trouble.of ?? "stopped");
}

/** What was to be written down did not fit; what is saved is still there and still goes up. */
function full(error: unknown): Trouble {
  if (error instanceof StorageFull) return { kind: "full" };
  throw error;
}

function endOf(trouble: Trouble | null): RunEnd {
  if (trouble === null) return { kind: "well" };
  if (trouble.kind === "limited") return { kind: "wait", wait: Math.min(trouble.wait, LONGEST_WAIT) };
  return { kind: trouble.kind === "unauthorised" ? "paused" : "failed" };
}

function standing(trouble: Trouble | null): { phase: Phase; reason: PauseReason | null } {
  switch (trouble?.kind) {
    case undefined:
      return { phase: "idle", reason: null };
    case "offline":
      return { phase: "offline", reason: null };
    case "unauthorised":
      return { phase: "paused", reason: "signed_out" };
    case "limited":
      return { phase: "paused", reason: "limited" };
    case "wiped":
    case "no_role":
      return { phase: "paused", reason: "no_access" };
    case "full":
      return { phase: "paused", reason: "storage_full" };
    case "refused":
      return { phase: "paused", reason: trouble.status === 426 ? "update_needed" : "server_error" };
    case "failed":
      return { phase: "offline", reason: "server_error" };
  }
}
