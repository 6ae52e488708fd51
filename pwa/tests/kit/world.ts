import { expect } from "vitest";
import type { CommitDraft } from "../../src/store/index.ts";
import { Device, jpeg, KINDS, MORNING } from "./device.ts";
import { FakeServer, type Fault } from "./server.ts";

/** One thing that happens to two tablets and their server. */
export type Step =
  | { do: "create"; tablet: number; photo: boolean; parks: boolean }
  | { do: "edit"; tablet: number; pick: number; note: number }
  | { do: "tag"; tablet: number; pick: number }
  | { do: "run"; tablet: number; faults: Fault[] }
  | { do: "killed run"; tablet: number; after: number }
  | { do: "killed save"; tablet: number; ticks: number }
  | { do: "busy run"; tablet: number; pick: number; ticks: number }
  | { do: "two tabs"; tablet: number; faults: Fault[] }
  | { do: "backup" }
  | { do: "restore" }
  | { do: "epoch" }
  | { do: "wait"; minutes: number };

/** Two tablets, a server, and what was shown as saved. */
export class World {
  readonly server = new FakeServer(KINDS, ["qyl"], () => MORNING);
  readonly tablets: Device[] = [];
  /** Ids of commits that were shown as saved, and hashes of the photos they name. */
  readonly saved = new Set<string>();
  readonly photos = new Set<string>();
  private restore = this.server.backup();
  private parking = true;
  private time = MORNING;

  static async open(): Promise<World> {
    const world = new World();
    for (const seed of [1, 2]) {
      const device = await Device.start(world.server, { seed });
      device.online = false;
      world.tablets.push(device);
    }
    world.server.now = () => world.time;
    world.server.pageSize = 3;
    world.server.judge = (commit) =>
      world.parking && commit.changes.some((change) => change.set?.note === "parks")
        ? { code: "not_found" }
        : null;
    return world;
  }

  async take(one: Step): Promise<void> {
    const device = this.tablets["tablet" in one ? one.tablet : 0] as Device;
    switch (one.do) {
      case "create":
        return this.create(device, one.photo, one.parks);
      case "edit":
        return this.edit(device, one.pick, { set: { note: `n${one.note}` } });
      case "tag":
        return this.edit(device, one.pick, { add: { photos: [{ value: "p" }] } });
      case "run":
        this.server.faults = [...one.faults];
        await this.run(device);
        this.server.faults = [];
        return;
      case "killed run":
        return this.killedRun(device, one.after);
      case "killed save":
        return this.killedSave(device, one.ticks);
      case "busy run":
        return this.busyRun(device, one.pick, one.ticks);
      case "two tabs":
        return this.twoTabs(device, one.faults);
      case "backup":
        this.restore = this.server.backup();
        this.server.backedUp = this.server.space("qyl").head;
        return;
      case "restore":
        return this.restore();
      case "epoch":
        return this.server.changeEpoch("qyl");
      case "wait":
        this.wait(one.minutes);
    }
  }

  /** The trouble is over: everyone runs until nothing moves any more. */
  async heal(): Promise<void> {
    this.parking = false;
    for (const device of this.tablets) await device.reboot();
    for (let round = 0; round < 4; round++) {
      this.wait(6);
      for (const device of this.tablets) await this.run(device);
    }
  }

  private wait(minutes: number): void {
    this.time += minutes * 60_000;
    for (const device of this.tablets) device.clocks.pass(minutes * 60_000);
  }

  async check(): Promise<void> {
    const space = this.server.space("qyl");
    for (const id of this.saved) expect(space.receipts.has(id), `commit ${id} is on the server`).toBe(true);
    for (const sha256 of this.photos) expect(this.server.blobs.has(sha256), `photo ${sha256}`).toBe(true);
    for (const device of this.tablets) {
      const { outbox, queries } = device.replica;
      expect(await outbox.list(["pending", "aside", "parked"])).toEqual([]);
      for (const kind of ["finding", "photo"]) {
        const shown = (await queries.recordsOfKind(kind)).map(({ space: _, pending, parked, ...record }) => {
          expect([pending, parked]).toEqual([false, false]);
          return record;
        });
        const held = [...space.records.values()].filter((record) => record.kind === kind);
        expect(byId(shown)).toEqual(byId(held));
      }
      expect((await device.replica.checksum("qyl")).checksum).toBe(this.server.checksum("qyl"));
      const backlog = await outbox.backlog();
      expect([backlog.commits, backlog.photos, backlog.refused_photos]).toEqual([0, 0, 0]);
    }
  }

  close(): void {
    for (const device of this.tablets) device.kill();
  }

  private async run(device: Device): Promise<void> {
    this.server.signedIn = { user: device.user, device: device.session.current.value?.device ?? "" };
    await device.sync.syncNow();
    await (device.sync as unknown as { photos: Promise<void> | null }).photos;
  }

  private async create(device: Device, photo: boolean, parks: boolean): Promise<void> {
    const commit = await this.drafted(device, photo, parks);
    await device.replica.save(commit);
    this.noteSaved(commit);
  }

  private async drafted(device: Device, photo: boolean, parks: boolean): Promise<CommitDraft> {
    const finding = {
      op: "create" as const,
      kind: "finding",
      set: { note: parks ? "parks" : "n", unit: "u1" },
    };
    if (!photo) return device.commit([finding]);
    const { sha256 } = await device.replica.blobs.put(jpeg(device.uuid()));
    return device.commit([finding, { op: "create", kind: "photo", set: { sha256 } }], [sha256]);
  }

  private async edit(
    device: Device,
    which: number,
    part: { set?: object; add?: Record<string, { value: unknown }[]> },
  ) {
    const all = await device.replica.queries.recordsOfKind("finding");
    const seen = byId(all)[which % Math.max(1, all.length)];
    if (seen === undefined) return;
    const commit = device.commit([{ op: "patch", seen, ...part }]);
    await device.replica.save(commit);
    this.noteSaved(commit);
    const { note } = (part.set ?? {}) as { note?: string };
    const after = await device.replica.queries.record<{ note: string }>(seen.id);
    // A record that a restored server does not have leaves the screen when the rebuild is swapped in, until whoever
    // made it has sent it again; the edit waits in the outbox.
    const gone = after === null && this.server.record("qyl", seen.id) === undefined;
    if (note !== undefined && !gone) expect(after?.data.note, "what was just saved is shown").toBe(note);
  }

  private noteSaved(commit: CommitDraft): void {
    this.saved.add(commit.id);
    for (const sha256 of commit.blobs) this.photos.add(sha256);
  }

  /** The browser dies while the server takes in request number `after`. */
  private async killedRun(device: Device, after: number): Promise<void> {
    const real = this.server.fetch;
    let left = after;
    const died = new Promise<void>((resolve) => {
      const counting = async (...request: Parameters<typeof real>) => {
        const response = await real(...request);
        if (left-- === 0) {
          device.kill();
          resolve();
        }
        return response;
      };
      Object.assign(this.server, { fetch: counting });
    });
    await Promise.race([this.run(device), died]);
    Object.assign(this.server, { fetch: real });
    await device.reboot();
  }

  /** Somebody saves while a run is under way. */
  private async busyRun(device: Device, which: number, turns: number): Promise<void> {
    const running = this.run(device);
    await pass(turns);
    await this.edit(device, which, { set: { note: "busy" } });
    await running;
  }

  /** Two tabs sync at once, without Web Locks. */
  private async twoTabs(device: Device, faults: Fault[]): Promise<void> {
    const tab = await device.otherTab();
    this.server.faults = [...faults];
    const first = this.run(device);
    await Promise.all([first, tab.sync.syncNow()]);
    this.server.faults = [];
    await tab.close();
  }

  /** The browser dies while a save is under way: it is there whole, or not at all. */
  private async killedSave(device: Device, turns: number): Promise<void> {
    const commit = await this.drafted(device, true, false);
    device.replica.save(commit).then(
      () => this.noteSaved(commit),
      () => undefined,
    );
    await pass(turns);
    await device.reboot();
    const all = await device.replica.outbox.list(["pending"]);
    const shown = await device.replica.queries.record(commit.changes[0]?.record ?? "");
    const kept = all.some(({ id }) => id === commit.id);
    expect(shown !== null).toBe(kept);
    if (kept) this.noteSaved(commit);
  }
}

async function pass(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

const byId = <T extends { id: string }>(records: readonly T[]) =>
  [...records].sort((a, b) => (a.id < b.id ? -1 : 1));
