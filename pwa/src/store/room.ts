import type { Ground } from "./ground";

const MEGABYTE = 1024 * 1024;
/** Below this much free room, by the browser's own word, no photo is taken. */
export const RESERVE = 32 * MEGABYTE;

export interface StorageFacts {
  /** Bytes; null where the browser does not tell. */
  used: number | null;
  quota: number | null;
  /** The browser will not delete our data on its own. */
  persistent: boolean;
  /** Whether a photo may be taken now; refused before it is taken, not after. */
  camera: boolean;
}

/** What is asked of `navigator.storage`; handed in for tests. */
export interface StorageManagerLike {
  estimate?(): Promise<{ usage?: number; quota?: number }>;
  persist?(): Promise<boolean>;
  persisted?(): Promise<boolean>;
}

/** How much room there is, by what the disk takes and by what the browser allows. */
export class Room {
  constructor(
    private readonly ground: Ground,
    private readonly manager: StorageManagerLike | null,
  ) {}

  /** Makes the ballast whole again where it fits. Returns whether photos and pages have room. */
  layBallast(): Promise<boolean> {
    return this.ground.spare();
  }

  /** May a photo be taken? Asks the disk itself; `facts` remembers what the last write found. */
  async camera(): Promise<boolean> {
    return (await this.ground.spare()) && roomy(await this.figures());
  }

  async facts(): Promise<StorageFacts> {
    if (this.ground.ample === null) await this.ground.spare();
    const figures = await this.figures();
    const persistent = (await this.manager?.persisted?.().catch(() => false)) ?? false;
    return { ...figures, persistent, camera: this.ground.ample !== false && roomy(figures) };
  }

  /** Asks the browser not to delete our data. Returns whether it agreed. */
  async persist(): Promise<boolean> {
    return (await this.manager?.persist?.().catch(() => false)) ?? false;
  }

  private async figures(): Promise<Figures> {
    const estimate = await this.manager?.estimate?.().catch(() => undefined);
    return { used: estimate?.usage ?? null, quota: estimate?.quota ?? null };
  }
}

type Figures = Pick<StorageFacts, "used" | "quota">;

function roomy({ used, quota }: Figures): boolean {
  return used === null || quota === null || quota - used >= RESERVE;
}
