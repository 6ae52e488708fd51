import { createHash } from "node:crypto";
import type { Change, Commit, Kinds, PullPage, Reason, Result } from "../../src/store/index.ts";
import { unitOf } from "../../src/store/index.ts";
import {
  answer,
  created,
  type Envelope,
  elements,
  emptySpace,
  missing,
  parkedResult,
  type Space,
  type Stored,
} from "./space.ts";

/** A small server in memory that keeps the protocol: seq, receipts, cursors with chain hash, parking, epochs. */

/** What happens to the next requests, in order; "ok" when the list is empty. */
export type Fault =
  | "ok"
  | "drop"
  | "lose"
  | "twice"
  | { status: number; body?: unknown; headers?: Record<string, string> };

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  headers: Record<string, string>;
}

export class FakeServer {
  readonly spaces = new Map<string, Space>();
  readonly blobs = new Map<string, Uint8Array>();
  readonly asked: Asked[] = [];
  faults: Fault[] = [];
  /** Judges a commit; a reason parks it. */
  judge: (commit: Commit) => Reason | null = () => null;
  /** Breaks on a whole request, as an unreadable envelope does. */
  spoils: (commits: Commit[]) => Fault = () => "ok";
  backedUp: number | null = null;
  pageSize = 1000;
  signedIn: { user: string; device: string } | null = null;
  wipe: "now" | "later" | null = null;
  /** Which of the two is shut out, where the server says so. */
  wipeOf: "device" | "account" | null = null;
  /** The public key that each device registered; a second one is refused. */
  readonly keys = new Map<string, string>();
  checksums = true;
  reads: string[];
  private epochs = 1;

  constructor(
    private readonly kinds: Kinds,
    spaces: string[],
    public now: () => number,
  ) {
    for (const space of spaces) this.spaces.set(space, emptySpace("e1"));
    this.reads = spaces;
  }

  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input), "http://rounds.test");
    const fault = this.faults.shift() ?? "ok";
    if (fault === "drop") throw new TypeError("network");
    const request: Asked = {
      method: init.method ?? "GET",
      path: url.pathname.replace("/api/v1", ""),
      query: url.searchParams,
      body: init.body === undefined ? undefined : JSON.parse(String(init.body)),
      headers: init.headers as Record<string, string>,
    };
    this.asked.push(request);
    if (typeof fault === "object") return answer(fault.status, fault.body ?? { code: "x" }, fault.headers);
    if (fault === "twice") this.route(request);
    const response = this.route(request);
    if (fault === "lose") throw new TypeError("connection lost");
    return response;
  };

  space(name: string): Space {
    const space = this.spaces.get(name);
    if (space === undefined) throw new Error(`no space ${name}`);
    return space;
  }

  record(space: string, id: string): Stored | undefined {
    return this.space(space).records.get(id);
  }

  /** A backup now, to be restored later: everything after it is forgotten, and the epoch is another. */
  backup(): () => void {
    const kept = structuredClone([...this.spaces.entries()]);
    return () => {
      this.epochs += 1;
      for (const [name, space] of structuredClone(kept)) {
        this.spaces.set(name, { ...space, epoch: `e${this.epochs}` });
      }
    };
  }

  changeEpoch(name: string): void {
    this.epochs += 1;
    this.space(name).epoch = `e${this.epochs}`;
  }

  private route(request: Asked): Response {
    const sync = /^\/sync\/([^/]+)\/(push|pull)$/.exec(request.path);
    if (request.path === "/session" && request.method === "POST") return this.session(request);
    if (this.signedIn === null) return answer(401, { code: "unauthorised" });
    if (request.path === "/session") {
      this.signedIn = null;
      return answer(204);
    }
    if (sync?.[2] === "push") return this.push(sync[1] ?? "", request.body as Envelope);
    if (request.path === "/blobs/have") {
      const { sha256 } = request.body as { sha256: string[] };
      return answer(200, { held: sha256.filter((name) => this.blobs.has(name)) });
    }
    if (this.wipe !== null) {
      const detail = this.wipeOf === null ? {} : { detail: { of: this.wipeOf } };
      return answer(403, { code: "forbidden", wipe: this.wipe, ...detail });
    }
    if (request.path === "/sync/scope") return this.scope();
    if (request.path === "/parked") return this.listParked();
    if (sync?.[2] === "pull") return this.pull(sync[1] ?? "", request.query);
    return answer(404, { code: "not_found" });
  }

  private session({ body }: Asked): Response {
    const { username, password, device } = body as Record<"username" | "password", string> & {
      device: { id: string; public_key?: unknown };
    };
    if (password !== "demo") return answer(401, { code: "unauthorised" });
    const key = JSON.stringify(device.public_key ?? null);
    if ((this.keys.get(device.id) ?? key) !== key) return answer(409, { code: "device_key_fixed" });
    this.keys.set(device.id, key);
    this.signedIn = { user: username, device: device.id };
    return answer(200, { token: "t", user: this.who(), device, spaces: [] });
  }

  private who() {
    const user = this.signedIn?.user ?? "";
    return { id: user, username: "t07", name: "何桂兰" };
  }

  private scope(): Response {
    const spaces = this.reads.map((space) => {
      const { epoch, head } = this.space(space);
      return { space, name: space, name_en: null, type: "project", epoch, head };
    });
    const roles = Object.fromEntries(this.reads.map((space) => [space, ["team_lead"]]));
    return answer(200, { spaces, user: this.who(), roles, server_time: this.time(), protocol: 1 });
  }

  private listParked(): Response {
    const all = [...this.spaces.values()].flatMap((space) => [...space.parked.values()]);
    const open = all.filter(({ discarded }) => !discarded);
    return answer(200, { parked: open.map(({ commit }) => ({ id: commit.id })) });
  }

  private time(): string {
    return new Date(this.now()).toISOString().replace("Z", "+00:00");
  }

  private pull(name: string, query: URLSearchParams): Response {
    if (!this.reads.includes(name)) return answer(404, { code: "not_found" });
    const space = this.space(name);
    const since = Number(query.get("since"));
    const stale = since > 0 && (query.get("epoch") !== space.epoch || query.get("at") !== space.chain[since]);
    if (stale) return answer(410, { code: "gone" });
    const limit = Math.min(this.pageSize, Number(query.get("limit")));
    const newer = [...space.records.values()].filter(({ seq }) => seq > since).sort((a, b) => a.seq - b.seq);
    const records = newer.slice(0, limit);
    const more = newer.length > records.length;
    const to = more ? (records.at(-1)?.seq ?? since) : space.head;
    const page: PullPage = {
      epoch: space.epoch,
      since,
      to,
      head: space.head,
      at: space.chain[to] ?? "",
      backed_up_seq: this.backedUp,
      more,
      records: structuredClone(records),
    };
    if (!more && query.get("checksum") === "1" && this.checksums) page.checksum = this.checksum(name);
    return answer(200, page);
  }

  /** Independent of the client's: XOR as one big number. */
  checksum(name: string): string {
    let sum = 0n;
    for (const { id, last_change, deleted } of this.space(name).records.values()) {
      if (deleted) continue;
      const digest = createHash("sha256")
        .update(id + last_change)
        .digest();
      sum ^= digest.readBigUInt64BE(0);
    }
    return sum.toString(16).padStart(16, "0");
  }

  private push(name: string, envelope: Envelope): Response {
    const spoilt = this.spoils(envelope.commits);
    if (typeof spoilt === "object") return answer(spoilt.status, spoilt.body ?? { code: "unreadable" });
    if (envelope.user !== this.signedIn?.user || envelope.device !== this.signedIn.device) {
      return answer(401, { code: "unauthorised" });
    }
    const space = this.space(name);
    const results = envelope.commits.map((commit) => this.takeIn(space, structuredClone(commit)));
    this.replay(space);
    return answer(200, {
      epoch: space.epoch,
      head: space.head,
      server_time: this.time(),
      backed_up_seq: this.backedUp,
      results,
    });
  }

  private takeIn(space: Space, commit: Commit): Result {
    const payload = JSON.stringify(commit);
    const receipt = space.receipts.get(commit.id);
    if (receipt !== undefined) {
      if (receipt.payload !== payload) return parkedResult(commit.id, { code: "commit_id_reused" });
      return { ...receipt.result, replayed: true };
    }
    const waiting = space.parked.get(commit.id);
    if (waiting?.discarded) return parkedResult(commit.id, { code: "discarded" });
    const reason = this.judge(commit) ?? missing(space, commit);
    if (reason !== null) {
      space.parked.set(commit.id, { commit, reason, discarded: false });
      return parkedResult(commit.id, reason);
    }
    space.parked.delete(commit.id);
    const result = this.accept(space, commit);
    space.receipts.set(commit.id, { result, payload });
    return result;
  }

  private replay(space: Space): void {
    for (let moved = true; moved; ) {
      moved = false;
      for (const { commit, discarded } of [...space.parked.values()].sort(
        (a, b) => a.commit.n - b.commit.n,
      )) {
        if (!discarded && this.takeIn(space, commit).status !== "parked") moved = true;
      }
    }
  }

  private accept(space: Space, commit: Commit): Result {
    const seqs: Record<string, number> = {};
    let contested = false;
    for (const change of commit.changes) {
      space.head += 1;
      seqs[change.id] = space.head;
      space.chain[space.head] = createHash("sha256")
        .update(`${space.chain[space.head - 1] ?? ""}${JSON.stringify(change)}`)
        .digest("hex");
      contested = this.merge(space, change, space.head) || contested;
      space.versions.add(change.id);
    }
    const status = contested ? "conflict" : "applied";
    return { commit: commit.id, status, replayed: false, seqs, conflicts: [], reason: null };
  }

  /** Returns whether some unit met a value that its author had not seen; that unit stays as it is. */
  private merge(space: Space, change: Change, seq: number): boolean {
    const record = space.records.get(change.record) ?? created(change, seq);
    space.records.set(change.record, record);
    record.seq = seq;
    record.last_change = change.id;
    if (change.op === "delete") {
      record.deleted = true;
      return false;
    }
    let contested = false;
    const units = new Set(
      Object.keys(change.set ?? {}).map((field) => unitOf(this.kinds, change.kind, field)),
    );
    for (const unit of units) {
      const current = record.versions[unit] ?? record.created_by_change;
      if (change.op === "create" || change.base?.[unit] === current) {
        for (const [field, value] of Object.entries(change.set ?? {})) {
          if (unitOf(this.kinds, change.kind, field) === unit) record.data[field] = value;
        }
        if (change.op === "patch") record.versions[unit] = change.id;
      } else {
        contested = true;
        if (!record.contested.includes(unit)) record.contested.push(unit);
      }
    }
    elements(record, change);
    return contested;
  }
}
