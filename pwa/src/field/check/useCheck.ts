import { computed, type Ref, ref, type ShallowRef, shallowRef } from "vue";
import { type CheckItem, type Inspection, KINDS } from "../../contract";
import { businessDate, type Problem, problems } from "../../rules";
import { CommitTooLarge, StorageFull } from "../../store";
import { makeCommit, uuid7, zoned } from "../../sync";
import { completeCheck, resultsOf, visitOf } from "../model/completing";
import { blobsOf, type CheckDraft, isTouched, resumed, startDraft } from "../model/draft";
import type { RoundUnit } from "../model/round";
import { CHECK_DRAFT } from "../readRound";
import { type Tablet, useTablet } from "../tablet";

export type SaveProblem = "storage_full" | "too_large" | "failed";

/** A check under way: kept at every touch, and completed as one act. */
export class CheckWork {
  readonly draft = shallowRef<CheckDraft | null>(null);
  /** When the draft was last written to the disk, milliseconds since 1970; null: not yet. */
  readonly savedAt = ref<number | null>(null);
  /** Touches that are on their way to the disk. */
  readonly keeping = ref(0);
  readonly problem = ref<SaveProblem | null>(null);
  readonly saving = ref(false);

  constructor(private readonly tablet: Tablet) {}

  /** Takes up the draft of this unit, or begins one with this version of the standard. */
  async open(unit: RoundUnit, version: () => number): Promise<void> {
    const begun = await draftOf(this.tablet, unit.id);
    if (begun !== null) {
      this.savedAt.value = begun.saved_at;
      this.draft.value = resumed(begun.data, begun.saved_at, Date.now(), zoned);
      return;
    }
    this.draft.value = startDraft({
      id: uuid7(),
      space: unit.space,
      unit: unit.id,
      post: unit.post.id,
      standard_version: version(),
      acting_for: unit.actingFor,
      started_at: zoned(Date.now()),
      clock_offset_ms: offsetMs(this.tablet),
    });
  }

  /** Changes the draft and keeps it. */
  readonly change = (edit: (draft: CheckDraft) => CheckDraft): void => {
    if (this.draft.value === null || this.saving.value) return;
    this.draft.value = edit(this.draft.value);
    void this.keep(this.draft.value);
  };

  /** What must be filled in before it counts. */
  missing(items: readonly CheckItem[]): Problem[] {
    const now = this.draft.value;
    return now === null ? [] : problems(items, resultsOf(now, items), now.started_at, zoned(Date.now()));
  }

  /** One commit; true when it is on the disk. */
  async complete(unit: RoundUnit, items: readonly CheckItem[]): Promise<boolean> {
    const done = this.draft.value;
    if (done === null || this.saving.value) return false;
    this.saving.value = true;
    try {
      await saveCheck(this.tablet, done, unit, items);
      return true;
    } catch (error) {
      this.problem.value = told(error);
      return false;
    } finally {
      this.saving.value = false;
    }
  }

  async discard(): Promise<void> {
    const last = this.draft.value;
    this.draft.value = null;
    if (last !== null) await this.tablet.replica.drafts.discard(last.id);
  }

  private async keep(data: CheckDraft): Promise<void> {
    this.keeping.value += 1;
    try {
      await this.tablet.replica.drafts.put({ id: data.id, kind: CHECK_DRAFT, data, blobs: blobsOf(data) });
      this.savedAt.value = Date.now();
      if (this.problem.value === "storage_full") this.problem.value = null;
    } catch (error) {
      this.problem.value = told(error);
    } finally {
      this.keeping.value -= 1;
    }
  }
}

export function useCheck(): CheckWork {
  return new CheckWork(useTablet());
}

async function draftOf(tablet: Tablet, unit: string) {
  const drafts = await tablet.replica.drafts.list<CheckDraft>(CHECK_DRAFT);
  return drafts.findLast(({ data }) => data.unit === unit && isTouched(data)) ?? null;
}

async function saveCheck(tablet: Tablet, done: CheckDraft, unit: RoundUnit, items: readonly CheckItem[]) {
  const { replica, user, clock } = tablet;
  const businessDay = businessDate(clock.corrected(), unit.post.data.shift);
  const visits = await replica.queries.recordsOfKind<Inspection>("inspection");
  const { edits, blobs } = completeCheck({
    draft: { ...done, clock_offset_ms: offsetMs(tablet) },
    items,
    inspector: user.id,
    businessDate: businessDay,
    inspection: visitOf(visits, unit.space, user.id, businessDay),
    endedAt: zoned(Date.now()),
    uuid: uuid7,
  });
  await replica.save(makeCommit(done.space, edits, { kinds: KINDS, blobs, uuid: uuid7 }), done.id);
}

/** Device minus server in whole milliseconds, as the commit's own stamp has it. */
function offsetMs(tablet: Tablet): number {
  return Math.round(tablet.clock.stamp().clock.offset * 1000);
}

function told(error: unknown): SaveProblem {
  if (error instanceof StorageFull) return "storage_full";
  if (error instanceof CommitTooLarge) return "too_large";
  console.error(error);
  return "failed";
}

/** How long the check has taken so far, in milliseconds; follows the clock. */
export function useElapsed(draft: Readonly<ShallowRef<CheckDraft | null>>): Readonly<Ref<number>> {
  const { now } = useTablet();
  return computed(() => {
    void now.value;
    return draft.value === null ? 0 : Math.max(0, Date.now() - Date.parse(draft.value.started_at));
  });
}
