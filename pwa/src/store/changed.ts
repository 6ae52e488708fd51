import type { Changed } from "./types";

export type Listener = (changed: Changed) => void;

export const NOTHING: Changed = {
  kinds: [],
  records: [],
  saved: false,
  outbox: false,
  blobs: false,
  drafts: false,
  meta: false,
};

/** Tells this tab and the others what a completed transaction changed. A lost message costs freshness only. */
export class Notifier {
  private readonly listeners = new Set<Listener>();
  private channel: BroadcastChannel | null;

  constructor(name: string) {
    this.channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(name);
    if (this.channel !== null) {
      this.channel.onmessage = (event: MessageEvent<Changed>) => this.deliver(event.data);
    }
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(part: Partial<Changed>): void {
    const changed = { ...NOTHING, ...part };
    this.deliver(changed);
    this.channel?.postMessage(changed);
  }

  /** A transaction that completes after this is told to nobody, and is complete all the same. */
  close(): void {
    this.channel?.close();
    this.channel = null;
    this.listeners.clear();
  }

  private deliver(changed: Changed): void {
    for (const listener of [...this.listeners]) listener(changed);
  }
}
