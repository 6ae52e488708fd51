import { createHash } from "node:crypto";
import { IDBFactory, IDBKeyRange, IDBObjectStore } from "fake-indexeddb";
import {
  type CommitDraft,
  DeviceStore,
  type Disk,
  openReplica,
  type Replica,
} from "../../src/store/index.ts";
import type { StorageManagerLike } from "../../src/store/room.ts";
import {
  ClockWatch,
  type Edit,
  makeCommit,
  type RandomBytes,
  Session,
  type SyncHandle,
  startSync,
  Transport,
  uuid7Maker,
} from "../../src/sync/index.ts";
import type { LocksLike } from "../../src/sync/locks.ts";
import type { Timers } from "../../src/sync/scheduler.ts";
import type { SocketMaker } from "../../src/sync/socket.ts";
import type { Uploader } from "../../src/sync/tus.ts";
import type { FakeServer } from "./server.ts";

Object.assign(globalThis, { IDBKeyRange, IDBObjectStore });

/** 2026-11-23 09:00 in Asia/Shanghai. */
export const MORNING = Date.parse("2026-11-23T09:00:00+08:00");

export const KINDS = {
  area_check: {
    units: {
      unit: { fields: ["unit"], policy: "once" },
      result: { fields: ["result"], policy: "worst" },
      remark: { fields: ["remark"], policy: "last" },
    },
    clear: { unit: "unit", due: "business_date" },
  },
  finding: {
    units: {
      evaluation: { fields: ["class", "attribution"], policy: "review" },
      note: { fields: ["note"], policy: "review" },
      photos: { fields: ["photos"], policy: "union" },
    },
    clear: { unit: "unit", due: "due_at" },
  },
  photo: { units: { sha256: { fields: ["sha256"], policy: "once" } }, clear: {} },
} as const;

/** Clocks that a test moves; monotonic time goes with wall time unless told otherwise. */
export class TestClocks {
  constructor(
    public wallTime = MORNING,
    public monotonicTime = 1000,
  ) {}

  readonly wall = () => this.wallTime;
  readonly monotonic = () => this.monotonicTime;

  pass(milliseconds: number): void {
    this.wallTime += milliseconds;
    this.monotonicTime += milliseconds;
  }
}

/** Timers that fire only when the test says so. */
export class TestTimers implements Timers {
  waiting: { work: () => void; milliseconds: number }[] = [];

  set(work: () => void, milliseconds: number): unknown {
    const timer = { work, milliseconds };
    this.waiting.push(timer);
    return timer;
  }

  clear(timer: unknown): void {
    this.waiting = this.waiting.filter((other) => other !== timer);
  }

  /** Fires the next timer; returns how long it had been set for. */
  fire(): number {
    const [next] = this.waiting.sort((a, b) => a.milliseconds - b.milliseconds);
    if (next === undefined) throw new Error("no timer is set");
    this.clear(next);
    next.work();
    return next.milliseconds;
  }
}

/** Random bytes that are the same in every run. */
export function seeded(seed: number): RandomBytes {
  let state = seed >>> 0;
  return (bytes) => {
    for (let i = 0; i < bytes.length; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      bytes[i] = state >>> 24;
    }
  };
}

export interface DeviceOptions {
  user?: string;
  spaces?: string[];
  seed?: number;
  storage?: StorageManagerLike | null;
  disk?: Disk | null;
  uploader?: Uploader;
  locks?: LocksLike | null;
  socket?: SocketMaker | null;
}

/** A tablet: its disk survives `kill`, everything else does not. */
export class Device {
  readonly disk = new IDBFactory();
  readonly clocks = new TestClocks();
  readonly user: string;
  readonly uuid: () => string;
  timers = new TestTimers();
  watch = new ClockWatch(this.clocks);
  online = true;
  replica!: Replica;
  session!: Session;
  transport!: Transport;
  private store!: DeviceStore;
  private running: SyncHandle | null = null;
  private alive = { value: true };

  private constructor(
    readonly server: FakeServer,
    private readonly options: DeviceOptions,
  ) {
    this.uuid = uuid7Maker(() => this.clocks.wall(), seeded(options.seed ?? 7));
    this.user = options.user ?? this.uuid();
  }

  /** A tablet on which the user has signed in. */
  static async start(server: FakeServer, options: DeviceOptions = {}): Promise<Device> {
    const device = new Device(server, options);
    await device.boot();
    const signed = await device.session.signIn(device.user, "demo", "tablet");
    if (signed.kind !== "ok") throw new Error(`sign-in: ${signed.kind}`);
    await device.open();
    return device;
  }

  /** Browser gone, then started again on the same disk. */
  async reboot(): Promise<void> {
    this.kill();
    await this.boot();
    await this.open();
  }

  /** The browser is killed: requests under way get no answer, nothing is closed in order. */
  kill(): void {
    this.alive.value = false;
    this.running = null;
    this.session.close();
    this.replica.close();
    this.store.close();
  }

  get sync(): SyncHandle {
    this.running ??= this.syncOf(this.replica);
    return this.running;
  }

  /** A second tab of the same app, which syncs on its own (no Web Locks here). */
  async otherTab(): Promise<{ replica: Replica; sync: SyncHandle; close(): Promise<void> }> {
    const replica = await this.openOnce();
    const sync = this.syncOf(replica);
    const close = async () => {
      await sync.stop();
      replica.close();
    };
    return { replica, sync, close };
  }

  private syncOf(replica: Replica): SyncHandle {
    return startSync(replica, {
      session: this.session,
      transport: this.transport,
      watch: this.watch,
      timers: this.timers,
      random: () => 0.5,
      locks: this.options.locks ?? null,
      socket: this.options.socket ?? null,
      uploader: this.options.uploader ?? this.uploader,
      surroundings: { listen: () => () => undefined, online: () => this.online },
    });
  }

  commit(edits: Edit[], blobs: string[] = [], space = "qyl"): CommitDraft {
    return makeCommit(space, edits, { kinds: KINDS, blobs, uuid: this.uuid });
  }

  save(edits: Edit[], blobs: string[] = [], space = "qyl") {
    return this.replica.save(this.commit(edits, blobs, space));
  }

  /** Takes in what the bytes are, as the server does: by hashing them itself. */
  readonly uploader: Uploader = async (job) => {
    const alive = this.alive;
    const bytes = new Uint8Array(await job.bytes.arrayBuffer());
    const fault = this.server.faults.shift() ?? "ok";
    if (fault === "drop") return { kind: "offline", cause: "network" };
    await job.began(`/uploads/${job.sha256}`);
    await job.accepted(bytes.length);
    this.server.blobs.set(createHash("sha256").update(bytes).digest("hex"), bytes);
    if (fault === "lose" || !alive.value) return { kind: "offline", cause: "network" };
    return { kind: "done" };
  };

  private async boot(): Promise<void> {
    this.alive = { value: true };
    this.timers = new TestTimers();
    this.watch = new ClockWatch(this.clocks);
    this.transport = new Transport({ fetch: this.fetchWhileAlive(), now: this.clocks.wall });
    this.store = new DeviceStore(this.disk);
    this.session = await Session.open(this.transport, this.store, this.uuid);
  }

  private async open(): Promise<void> {
    this.replica = await this.openOnce();
  }

  private async openOnce(): Promise<Replica> {
    return openReplica({
      server: "http://rounds.test",
      user: this.user,
      kinds: KINDS,
      now: () => this.watch.corrected(),
      stamp: this.watch.stamp,
      firstN: await this.session.firstN(this.user),
      factory: this.disk,
      storage: this.options.storage ?? null,
      disk: this.options.disk ?? null,
    });
  }

  private fetchWhileAlive(): typeof fetch {
    const alive = this.alive;
    return async (input, init) => {
      const response = await this.server.fetch(input as string, init);
      // A killed browser hears no answer, though the server may have done the work.
      if (!alive.value) return new Promise(() => undefined);
      return response;
    };
  }
}

/** What screens see of a kind, by id, without the marks of the overlay. */
export async function shown(device: Device, kind: string) {
  const records = await device.replica.queries.recordsOfKind(kind);
  return new Map(records.map((record) => [record.id, record]));
}

export function jpeg(text: string): Blob {
  return new Blob([`jpeg ${text}`], { type: "image/jpeg" });
}

/** What lies on the disk in one store, past the replica. */
export async function onDisk<T>(device: Device, store: string): Promise<T[]> {
  const request = device.disk.open(device.replica.name);
  const database = await new Promise<IDBDatabase>((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const all = database.transaction(store).objectStore(store).getAll();
  const rows = await new Promise<T[]>((resolve) => {
    all.onsuccess = () => resolve(all.result as T[]);
  });
  database.close();
  return rows;
}
