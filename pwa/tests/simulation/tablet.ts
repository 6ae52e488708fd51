import { KINDS } from "../../src/contract/index.ts";
import {
  type CommitDraft,
  DeviceStore,
  openReplica,
  type RecordData,
  type Replica,
} from "../../src/store/index.ts";
import {
  ClockWatch,
  type Edit,
  makeCommit,
  Session,
  type SignIn,
  type SyncHandle,
  startSync,
  Transport,
  uuid7Maker,
} from "../../src/sync/index.ts";
import { tusUploader } from "../../src/sync/tus.ts";
import { seeded } from "../kit/device.ts";
import { type Death, TabletDisk } from "./disk.ts";
import { Life } from "./life.ts";
import { breakClient, breakNetwork, type Mutant, rebased } from "./mutants.ts";
import { Network } from "./network.ts";

export interface TabletOptions {
  /** Address of this tablet's own wire. */
  origin: string;
  username: string;
  seed: number;
  /** How far its wall clock is off, in milliseconds. */
  clock: number;
  /** How the client is broken on purpose; empty: not at all. */
  mutant: Mutant;
  /** A request that takes longer is given up, and an upload that is silent for longer (milliseconds). */
  patience?: number;
}

/** A commit that was shown as saved, and what its author had before his eyes of each record that he changed. */
export type Saved = CommitDraft & { n: number; shown: Record<string, RecordData> };

/** How long tablets wait for a server that does not answer (milliseconds); the product waits longer. */
const PATIENCE = 4000;
/** The loop's pauses pass this much faster than they would. */
const HASTE = 20;

/** A tablet with the real client on it. Its disk, cookies and clock outlive kills; all else is made anew. */
export class Tablet {
  readonly disk: TabletDisk;
  readonly network: Network;
  readonly uuid: () => string;
  /** Commits that were shown as saved, in that order; what a person would swear to. */
  readonly saved: Saved[] = [];
  /** Commits whose save was never heard of: there whole, or not at all. */
  readonly tried = new Map<string, CommitDraft>();
  clock: number;
  life = new Life();
  watch!: ClockWatch;
  session!: Session;
  replica: Replica | null = null;
  sync: SyncHandle | null = null;
  private store!: DeviceStore;

  constructor(readonly options: TabletOptions) {
    this.clock = options.clock;
    this.disk = new TabletDisk(options.mutant === "lazy disk");
    this.network = new Network(options.origin);
    this.uuid = uuid7Maker(() => this.wall(), seeded(options.seed));
    breakNetwork(options.mutant, this.network, this.uuid);
  }

  private get patience(): number {
    return this.options.patience ?? PATIENCE;
  }

  wall(): number {
    return Date.now() + this.clock;
  }

  /** The app starts: who is signed in is read from the disk, and the sync begins. */
  async boot(): Promise<void> {
    const life = new Life();
    this.life = life;
    this.network.life = life;
    this.watch = new ClockWatch({ wall: () => this.wall(), monotonic: () => performance.now() });
    const fetch = this.network.fetchFor(life);
    const { origin } = this.options;
    this.transport = new Transport({ origin, fetch, timeout: this.patience, now: () => this.wall() });
    this.store = new DeviceStore(this.disk.factoryFor(life));
    this.session = await Session.open(this.transport, this.store, this.uuid);
    if (this.session.current.value !== null) await this.open(life);
  }

  async signIn(): Promise<SignIn["kind"]> {
    const { life } = this;
    const signed = await this.session.signIn(this.options.username, "demo", "tablet");
    if (signed.kind === "ok" && (this.replica === null || this.replica.closed)) await this.open(life);
    return signed.kind;
  }

  /** Signs in, and ends before anything is pulled: the next boot is the start of a tablet that has nothing yet. */
  async enrol(): Promise<SignIn["kind"]> {
    const signed = await this.session.signIn(this.options.username, "demo", "tablet");
    this.kill();
    return signed.kind;
  }

  /** Nothing is closed in order, and whoever waited for anything waits for ever. */
  kill(death: Death = "tab", lost = 0): void {
    const { life } = this;
    life.end();
    this.disk.cut(life, death, lost);
    this.session?.close();
    this.replica?.close();
    this.replica = null;
    this.sync = null;
  }

  /**
   * Kills it `steps` awaits from now, in the midst of whatever it does, or `within` milliseconds at the latest.
   * Resolved when it is dead.
   */
  killAfter(steps: number, within: number, death: Death, lost: number): Promise<void> {
    const { life } = this;
    return new Promise((resolve) => {
      const die = () => {
        if (!life.dead) this.kill(death, lost);
        resolve();
      };
      life.dieAt(steps, die);
      setTimeout(die, within);
    });
  }

  /** One run of the sync to its end, the photos too; never, if it dies meanwhile. */
  async settle(): Promise<void> {
    const { sync } = this;
    if (sync === null) return;
    await sync.syncNow();
    await (sync as unknown as { photos: Promise<void> | null }).photos;
  }

  /** How it stands, for whoever waits until nothing moves any more. */
  async standing() {
    if (this.replica === null || this.sync === null || this.replica.closed) return null;
    const { phase, reason } = this.sync.status.value;
    return {
      phase,
      reason,
      backlog: await this.replica.outbox.backlog(),
      cursors: await this.replica.cursors(),
    };
  }

  /** One act of a person. Noted as saved at the moment at which a screen would say so. */
  async save(space: string, edits: Edit[], blobs: string[]): Promise<void> {
    const { life, replica } = this;
    if (replica === null) return;
    const made = makeCommit(space, edits, { kinds: KINDS, blobs, uuid: this.uuid });
    const draft = this.options.mutant === "rebases" ? await rebased(replica, made) : made;
    const seen = edits.flatMap((edit) => ("seen" in edit ? [edit.seen] : []));
    const shown = Object.fromEntries(seen.map(({ id, data }) => [id, structuredClone(data) as RecordData]));
    this.tried.set(draft.id, draft);
    const { n } = await replica.save(draft);
    if (life.dead) return;
    this.tried.delete(draft.id);
    this.saved.push({ ...draft, n, shown });
  }

  private transport!: Transport;

  private async open(life: Life): Promise<void> {
    const user = this.session.current.value?.user.id ?? "";
    const replica = await openReplica({
      server: this.options.origin,
      user,
      kinds: KINDS,
      now: () => this.watch.corrected(),
      stamp: this.watch.stamp,
      firstN: await this.session.firstN(user),
      factory: this.disk.factoryFor(life),
      storage: null,
      disk: null,
    });
    if (life.dead) return;
    breakClient(this.options.mutant, replica);
    this.replica = replica;
    this.sync = startSync(replica, {
      session: this.session,
      transport: this.transport,
      watch: this.watch,
      timers: hasty(life),
      random: Math.random,
      // Two clients of one life never run; and it must be right without locks.
      locks: null,
      socket: null,
      uploader: tusUploader(this.transport.base, this.patience),
      surroundings: { listen: () => () => undefined, online: () => true },
    });
  }
}

function hasty(life: Life) {
  return {
    set: (work: () => void, milliseconds: number) =>
      setTimeout(() => {
        if (!life.dead) work();
      }, milliseconds / HASTE).unref(),
    clear: (timer: unknown) => clearTimeout(timer as ReturnType<typeof setTimeout>),
  };
}
