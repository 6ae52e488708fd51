import type { Disk, Standing } from "../store";

/** What goes to the ballast worker and comes back (see `../worker/ballast-worker.ts`). */
export interface DiskRequest {
  id: number;
  ask: "give" | "keep";
}
export interface DiskAnswer {
  id: number;
  standing: Standing | null;
}

/** What of a Worker is used. */
export interface DiskWorkerLike {
  postMessage(request: DiskRequest): void;
  addEventListener(type: "message", listener: (event: { data: DiskAnswer }) => void): void;
  addEventListener(type: "error", listener: () => void): void;
  terminate(): void;
}

/** A worker that says nothing for so long holds no save up any more (milliseconds). */
const PATIENCE = 3000;

/** Asks the ballast worker; where it cannot tell, or breaks, the answer is null and the write takes its chance. */
export class DiskDesk implements Disk {
  private worker: DiskWorkerLike | null = null;
  private readonly waiting = new Map<number, (standing: Standing | null) => void>();
  private next = 1;

  constructor(
    private readonly make: () => DiskWorkerLike,
    private readonly patience = PATIENCE,
  ) {}

  ask(ask: "give" | "keep"): Promise<Standing | null> {
    const id = this.next++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.answered({ id, standing: null }), this.patience);
      this.waiting.set(id, (standing) => {
        clearTimeout(timer);
        resolve(standing);
      });
      this.open().postMessage({ id, ask });
    });
  }

  private open(): DiskWorkerLike {
    if (this.worker !== null) return this.worker;
    const worker = this.make();
    worker.addEventListener("message", ({ data }) => this.answered(data));
    worker.addEventListener("error", () => this.broke(worker));
    this.worker = worker;
    return worker;
  }

  private answered({ id, standing }: DiskAnswer): void {
    const asker = this.waiting.get(id);
    this.waiting.delete(id);
    asker?.(standing);
  }

  private broke(worker: DiskWorkerLike): void {
    worker.terminate();
    this.worker = null;
    for (const id of [...this.waiting.keys()]) this.answered({ id, standing: null });
  }
}

let desk: DiskDesk | null = null;

/** The disk of this device; null where there are no workers. */
export function deviceDisk(): Disk | null {
  if (typeof Worker === "undefined") return null;
  desk ??= new DiskDesk(
    () =>
      new Worker(new URL("../worker/ballast-worker.ts", import.meta.url), {
        type: "module",
      }) as DiskWorkerLike,
  );
  return desk;
}
