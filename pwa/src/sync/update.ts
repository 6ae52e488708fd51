import { Observable } from "./observable";

/** `waiting`: a new version is here but data are unsent; `ready`: it may be put in. */
export type UpdateState = "none" | "waiting" | "ready";

/** What of a service worker registration is used. */
export interface RegistrationLike {
  waiting: { postMessage(message: unknown): void } | null;
  installing: { addEventListener(type: "statechange", listener: () => void): void; state: string } | null;
  addEventListener(type: "updatefound", listener: () => void): void;
  update(): Promise<unknown>;
}

export interface ContainerLike {
  controller: unknown;
  register(address: string, options: { scope: string }): Promise<RegistrationLike>;
  addEventListener(type: "controllerchange", listener: () => void): void;
}

export interface UpdateOptions {
  /** Null where the browser has none (or not over plain HTTP). */
  container?: ContainerLike | null;
  reload?: () => void;
  /** Commits and photos that are not on the server yet. */
  unsent(): Promise<number>;
}

/** A new version of the app waits while data are unsent, and says so (`protocol.md` section 5). */
export class AppUpdate {
  readonly state = new Observable<UpdateState>("none");
  private registration: RegistrationLike | null = null;
  private applying = false;

  constructor(private readonly options: UpdateOptions) {}

  /** Registers the service worker; call it once the first screen is painted. Never fails. */
  async register(address = "/service-worker.js"): Promise<void> {
    const { container = browserContainer(), reload = () => location.reload() } = this.options;
    if (container === null) return;
    // The very first worker takes over a page that is new anyway; only a change of worker asks for a reload.
    container.addEventListener("controllerchange", () => {
      if (this.applying) reload();
    });
    try {
      this.registration = await container.register(address, { scope: "/" });
    } catch {
      return;
    }
    this.registration.addEventListener("updatefound", () => {
      const { installing } = this.registration ?? {};
      installing?.addEventListener("statechange", () => void this.look());
    });
    await this.look();
  }

  /** Asks the server for a new version, and looks anew at whether one may be put in. */
  async check(): Promise<void> {
    await this.registration?.update().catch(() => undefined);
    await this.look();
  }

  /** Call when what is unsent has changed. */
  async look(): Promise<void> {
    const unsent = this.isWaiting() ? await this.options.unsent() : 0;
    // Asked again after the wait: the very first worker passes through `waiting` on its way to being active.
    if (!this.isWaiting()) this.tell("none");
    else this.tell(unsent === 0 ? "ready" : "waiting");
  }

  /** Puts the new version in and reloads. Refused (false) while anything is unsent. */
  async apply(): Promise<boolean> {
    await this.look();
    const waiting = this.registration?.waiting ?? null;
    if (this.state.value !== "ready" || waiting === null) return false;
    this.applying = true;
    waiting.postMessage({ type: "SKIP_WAITING" });
    return true;
  }

  private isWaiting(): boolean {
    return (this.registration?.waiting ?? null) !== null;
  }

  private tell(state: UpdateState): void {
    if (state !== this.state.value) this.state.set(state);
  }
}

function browserContainer(): ContainerLike | null {
  return typeof navigator === "undefined"
    ? null
    : ((navigator.serviceWorker as ContainerLike | undefined) ?? null);
}
