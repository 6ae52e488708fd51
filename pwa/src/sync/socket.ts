/** What of a Socket.IO client is used. */
export interface SocketLike {
  on(event: string, listener: (...values: never[]) => void): unknown;
  disconnect(): unknown;
}

export type SocketMaker = () => Promise<SocketLike>;

export interface SocketHooks {
  /** Something is new in `space`; data come by pull. */
  poke(space: string, head: number): void;
  live(connected: boolean): void;
}

/**
 * Loaded after the first paint; a field app without it only learns of news a minute later. WebSocket alone: the
 * requests of long polling would have to find the same server of several each time.
 */
export const socketMaker: SocketMaker = async () => {
  const { io } = await import("socket.io-client");
  return io({
    transports: ["websocket"],
    withCredentials: true,
    reconnectionDelay: 1000,
    reconnectionDelayMax: 60_000,
  }) as SocketLike;
};

/** Listens for pokes. Losing every one of them costs delay and nothing else. */
export class Pokes {
  private socket: SocketLike | null = null;
  private starting = false;
  private stopped = false;

  constructor(
    private readonly make: SocketMaker,
    private readonly hooks: SocketHooks,
  ) {}

  /** Connects once; later calls do nothing. Never fails: the page then polls. */
  async start(): Promise<void> {
    if (this.starting || this.stopped) return;
    this.starting = true;
    try {
      const socket = await this.make();
      if (this.stopped) {
        socket.disconnect();
        return;
      }
      this.socket = socket;
      socket.on("connect", () => {
        this.hooks.live(true);
        // What was told while nobody listened is not told again.
        this.hooks.poke("", 0);
      });
      socket.on("disconnect", (reason: unknown) => {
        this.hooks.live(false);
        // The server ends the connection of whoever may read nothing any more; asking tells why.
        if (reason === "io server disconnect") this.hooks.poke("", 0);
      });
      socket.on("poke", (poke: { space?: unknown; head?: unknown }) => {
        if (typeof poke?.space === "string" && typeof poke.head === "number")
          this.hooks.poke(poke.space, poke.head);
      });
    } catch {
      // The chunk could not be loaded; tried again at the next start of the sync.
      this.starting = false;
    }
  }

  stop(): void {
    this.stopped = true;
    this.socket?.disconnect();
    this.hooks.live(false);
  }
}
