import type { Replica, Result } from "../store";
import type { ClockWatch } from "./clock";
import type { Transport } from "./transport";

/** What the parts of the sync share: one replica of one user on one device. */
export interface Engine {
  readonly replica: Replica;
  readonly transport: Transport;
  readonly watch: ClockWatch;
  /** Id of the device that the session was opened on. */
  device(): string;
}

/** The answer of the server to a push. */
export interface PushAnswer {
  epoch: string;
  head: number;
  server_time: string;
  backed_up_seq?: number | null;
  results: Result[];
}

/** What a device follows, and as whom. */
export interface ScopeAnswer {
  spaces: {
    space: string;
    name: string;
    name_en?: string | null;
    type: "headquarters" | "project";
    epoch: string;
    head: number;
  }[];
  user: { id: string; username: string; name: string };
  roles: Record<string, string[]>;
  server_time: string;
  protocol: number;
}

/** Version of the wire that this app speaks. */
export const PROTOCOL = 1;

export const spacePath = (space: string, call: "push" | "pull") =>
  `/sync/${encodeURIComponent(space)}/${call}`;
