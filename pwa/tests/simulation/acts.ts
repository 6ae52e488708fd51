import { readFileSync } from "node:fs";
import type { RecordData, ViewRecord } from "../../src/store/index.ts";
import { type Edit, zoned } from "../../src/sync/index.ts";
import { signed } from "./sign.ts";
import type { Tablet } from "./tablet.ts";

/** A place to check, as the conductor names it. */
export interface Place {
  space: string;
  unit: string;
  post: string;
  items: string[];
}

export type Act =
  | { act: "check"; place: Place; photo: string | null; finding: boolean; quiet: boolean }
  | { act: "look"; pick: number }
  | { act: "patch"; what: Patched; pick: number; value: number; looked: boolean; astray: boolean }
  | { act: "photo"; pick: number; photo: string }
  | { act: "sign"; pick: number };

/** Whose findings somebody follows up besides his own: those of these units; null: all. */
export type Reach = readonly string[] | null;

/** `evaluate`: class and attribution as one unit; `remark` is on a check, all else on a finding. */
export type Patched = "note" | "describe" | "evaluate" | "tag" | "untag" | "comment" | "remark" | "state";

const CLASSES = ["OBS", "MIN", "GEN", "SER"];

/** What a person does at one tablet. What was looked at a while ago is still what an act is based on (a form left open). */
export class Hands {
  private looked: ViewRecord | null = null;

  constructor(
    private readonly tablet: Tablet,
    private readonly reach: Reach,
  ) {}

  /** Does it as far as there is something to do it to; true if something was saved. */
  async do(act: Act): Promise<boolean> {
    if (this.tablet.replica?.closed !== false) return false;
    switch (act.act) {
      case "check":
        return this.check(act);
      case "look":
        this.looked = await this.pick("finding", act.pick);
        return false;
      case "photo":
        return this.photo(act.pick, act.photo);
      case "sign":
        return this.sign(act.pick);
      case "patch":
        return this.patch(act);
    }
  }

  /** A whole check in one commit; a quiet one is for management and its author's eyes alone. */
  private async check(act: Extract<Act, { act: "check" }>): Promise<boolean> {
    const { tablet } = this;
    const { place, photo, finding } = act;
    const now = this.now();
    const [check, shot] = [tablet.uuid(), tablet.uuid()];
    const edits = this.round(act, check, now);
    const blobs: string[] = [];
    if (photo !== null) {
      const { sha256, set } = await this.shoot(photo, place.unit, check);
      blobs.push(sha256);
      edits.push({ op: "create", kind: "photo", record: shot, set });
    }
    if (finding) edits.push(this.finding(place, check, now, photo === null ? null : shot));
    const audience = act.quiet ? { audience: ["management", `person:${this.user()}`] } : {};
    await tablet.save(
      place.space,
      edits.map((edit) => ({ ...edit, ...audience })),
      blobs,
    );
    return true;
  }

  /** The visit, and the check of one unit in it. */
  private round(act: Extract<Act, { act: "check" }>, check: string, now: string): Edit[] {
    const { unit, post, items } = act.place;
    const inspection = this.tablet.uuid();
    const day = zoned(this.tablet.watch.corrected()).slice(0, 10);
    const common = { level: "daily", inspector: this.user(), business_date: day, started_at: now };
    const failed = (at: number) => act.finding && at === 0;
    const visit = { ...common, unplanned: false, state: "in_progress" };
    const checked = {
      ...common,
      inspection,
      unit,
      post,
      standard_version: 1,
      ended_at: now,
      clock_offset_ms: this.offset(),
      results: items.map((item, at) => ({ item, result: failed(at) ? "nonconform" : "conform" })),
      result: act.finding ? "nonconform" : "conform",
    };
    return [
      { op: "create", kind: "inspection", record: inspection, set: visit },
      { op: "create", kind: "area_check", record: check, set: checked },
    ];
  }

  private finding(place: Place, check: string, now: string, photo: string | null): Edit {
    return {
      op: "create",
      kind: "finding",
      set: {
        check,
        unit: place.unit,
        post: place.post,
        level: "daily",
        item: place.items[0],
        standard_version: 1,
        found_by: this.user(),
        found_at: now,
        description: "墙面有污迹",
        proposed_class: "GEN",
        state: "open",
        ...(photo === null ? { no_photo_reason: "灯坏了" } : {}),
      },
      ...(photo === null ? {} : { add: { photos: [{ value: photo }] } }),
    };
  }

  private async patch(act: Extract<Act, { act: "patch" }>): Promise<boolean> {
    const { what, pick, value, looked, astray } = act;
    const kind = what === "remark" ? "area_check" : "finding";
    const seen = looked && this.looked?.kind === kind ? this.looked : await this.pick(kind, pick, astray);
    if (seen === null) return false;
    const edit = this.edit(seen, what, value);
    if (edit === null) return false;
    await this.tablet.save(seen.space, [edit], []);
    return true;
  }

  private edit(seen: ViewRecord, what: Patched, value: number): Edit | null {
    const one = CLASSES[value % CLASSES.length];
    const tags = (seen.data.tags ?? []) as { id: string }[];
    const judged = {
      class: one,
      attribution: value % 2 ? "personal" : "team",
      responsible_person: this.user(),
    };
    switch (what) {
      case "note":
        return { op: "patch", seen, set: { note: `备注 ${value}` } };
      case "describe":
        return { op: "patch", seen, set: { description: `描述 ${value}` } };
      case "remark":
        return { op: "patch", seen, set: { remark: `附注 ${value}` } };
      case "evaluate":
        return { op: "patch", seen, set: judged };
      case "state":
        if (seen.data.state !== "open" || seen.data.attribution === undefined) return null;
        return { op: "patch", seen, set: { state: "evaluated", present: "present" } };
      case "tag":
        return { op: "patch", seen, add: { tags: [{ value: `标签 ${value}` }] } };
      case "untag": {
        const tag = tags[value % Math.max(1, tags.length)];
        return tag === undefined ? null : { op: "patch", seen, remove: { tags: [tag.id] } };
      }
      case "comment": {
        const comment = { text: `评论 ${value}`, by: this.user(), at: this.now() };
        return { op: "patch", seen, add: { comments: [{ value: comment }] } };
      }
    }
  }

  /** The first finding that waits for a signature, from `pick` on; where none does, one is evaluated for the next. */
  private async sign(pick: number): Promise<boolean> {
    const { replica } = this.tablet;
    const found = [...((await replica?.queries.recordsOfKind("finding")) ?? [])];
    found.sort((a, b) => (a.id < b.id ? -1 : 1));
    const turned = [...found.slice(pick % Math.max(1, found.length)), ...found];
    for (const seen of turned.filter(({ data }) => this.mayChange(data))) {
      const edits = replica === null ? null : await signed(this.tablet, replica, seen);
      if (edits === null) continue;
      await this.tablet.save(seen.space, edits, []);
      return true;
    }
    const open = turned.find(({ data }) => data.state === "open" && this.mayChange(data));
    if (open === undefined) return false;
    const judged = { class: "GEN", attribution: "personal", responsible_person: this.user() };
    const set = { ...judged, state: "evaluated", present: "present" };
    await this.tablet.save(open.space, [{ op: "patch", seen: open, set }], []);
    return true;
  }

  private async photo(pick: number, photo: string): Promise<boolean> {
    const seen = await this.pick("finding", pick);
    if (seen === null) return false;
    const { unit, check } = seen.data as { unit: string; check: string };
    const { sha256, set } = await this.shoot(photo, unit, check);
    const record = this.tablet.uuid();
    const edits: Edit[] = [
      { op: "create", kind: "photo", record, set },
      { op: "patch", seen, add: { photos: [{ value: record }] } },
    ];
    await this.tablet.save(seen.space, edits, [sha256]);
    return true;
  }

  private async shoot(file: string, unit: string, check: string) {
    const bytes = unlike(readFileSync(file), this.tablet.uuid());
    const blob = new Blob([bytes], { type: "image/jpeg" });
    const kept = await this.tablet.replica?.blobs.put(blob);
    const sha256 = kept?.sha256 ?? "";
    const size = { bytes: bytes.length, width: 640, height: 480 };
    const taken = { mime: "image/jpeg", taken_at: this.now(), source: "camera", author: this.user() };
    return { sha256, set: { sha256, ...size, ...taken, unit, check } };
  }

  /** One of those that this person may change; `astray`: of any, and the server will not have it. */
  private async pick(kind: string, which: number, astray = false): Promise<ViewRecord | null> {
    const found = (await this.tablet.replica?.queries.recordsOfKind(kind)) ?? [];
    const all = found.filter(({ data }) => astray || this.mayChange(data));
    all.sort((a, b) => (a.id < b.id ? -1 : 1));
    return all[which % Math.max(1, all.length)] ?? null;
  }

  private mayChange({ inspector, found_by, unit }: RecordData): boolean {
    if (inspector !== undefined) return inspector === this.user();
    return this.reach === null || found_by === this.user() || this.reach.includes(String(unit));
  }

  private user(): string {
    return this.tablet.session.current.value?.user.id ?? "";
  }

  private now(): string {
    return zoned(this.tablet.wall());
  }

  private offset(): number {
    return Math.round(this.tablet.watch.stamp().clock.offset * 1000);
  }
}

/** The same picture as no other file: with a comment of its own behind the first marker. */
function unlike(jpeg: Buffer, words: string): Uint8Array<ArrayBuffer> {
  const comment = Buffer.from(words);
  const head = Buffer.from([0xff, 0xfe, 0, comment.length + 2]);
  return new Uint8Array(Buffer.concat([jpeg.subarray(0, 2), head, comment, jpeg.subarray(2)]));
}
