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

export interface Check {
  readonly draft: Readonly<ShallowRef<CheckDraft | null>>;
  /** When the draft was last written to the disk; null: not yet. */
  readonly savedAt: Readonly<Ref<number | null>>;
  readonly problem: Readonly<Ref<SaveProblem | null>>;
  readonly saving: Readonly<Ref<boolean>>;
  /** Takes up the draft of this unit, or begins one with this version of the standard. */
  open(unit: RoundUnit, version: () => number): Promise<void>;
  /** Changes the draft and keeps it. */
  change(edit: (draft: CheckDraft) => CheckDraft): void;
  missing(items: readonly CheckItem[]): Problem[];
  /** One commit; true when it is on the disk. */
  complete(unit: RoundUnit, items: readonly CheckItem[]): Promise<boolean>;
  discard(): Promise<void>;
}

/** A check under way: kept at every touch, and completed as one act. */
export function useCheck(): Check {
  const tablet = useTablet();
  const draft = shallowRef<CheckDraft | null>(null);
  const savedAt = ref<number | null>(null);
  const problem = ref<SaveProblem | null>(null);
  const saving = ref(false);

  async function keep(): Promise<void> {
    const data = draft.value;
    if (data === null) return;
    try {
      await tablet.replica.drafts.put({ id: data.id, kind: CHECK_DRAFT, data, blobs: blobsOf(data) });
      savedAt.value = Date.now();
      if (problem.value === "storage_full") problem.value = null;
    } catch (error) {
      problem.value = told(error);
    }
  }

  return {
    draft,
    savedAt,
    problem,
    saving,
    async open(unit, version) {
      const begun = await draftOf(tablet, unit.id);
      if (begun !== null) {
        draft.value = resumed(begun.data, begun.saved_at, Date.now(), zoned);
        savedAt.value = begun.saved_at;
        return;
      }
      draft.value = startDraft({
        id: uuid7(),
        space: unit.space,
        unit: unit.id,
        post: unit.post.id,
        standard_version: version(),
        acting_for: unit.actingFor,
        started_at: zoned(Date.now()),
        clock_offset_ms: offsetMs(tablet),
      });
    },
    change(edit) {
      if (draft.value === null || saving.value) return;
      draft.value = edit(draft.value);
      void keep();
    },
    missing: (items) => {
      const now = draft.value;
      return now === null ? [] : problems(items, resultsOf(now, items), now.started_at, zoned(Date.now()));
    },
    async complete(unit, items) {
      const done = draft.value;
      if (done === null || saving.value) return false;
      saving.value = true;
      try {
        await saveCheck(tablet, done, unit, items);
        return true;
      } catch (error) {
        problem.value = told(error);
        return false;
      } finally {
        saving.value = false;
      }
    },
    async discard() {
      const last = draft.value;
      draft.value = null;
      if (last !== null) await tablet.replica.drafts.discard(last.id);
    },
  };
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
