import { computed, reactive, ref, shallowRef, watch } from "vue";
import type { ConflictAnswer, Problem, Result } from "../../contract/index.ts";
import { uuid7 } from "../../sync/uuid7.ts";
import { type ProblemKind, QueryProblem, send } from "../api.ts";
import { useQuery } from "../useQuery.ts";
import { carriedOver, type Draft, emptyDraft, hasMoved, lacks, Sending } from "./decision.ts";

/** What came of the last try to decide, other than success. */
export type Setback =
  /** Something came meanwhile; `mine` is what had been entered, of which the choice may be gone. */
  | { readonly kind: "moved" | "decided"; readonly mine: Draft; readonly before: ConflictAnswer }
  | { readonly kind: "refused"; readonly told: Problem }
  | { readonly kind: "failed"; readonly problem: { kind: ProblemKind; code: string } };

// Kept while one moves between conflicts; gone with the page, which signing out loads anew.
const drafts = reactive(new Map<string, Draft>());

/**
 * One conflict as it was opened, with the decision in the making. What comes meanwhile waits in `newer` until
 * the reviewer asks for it: nothing is torn from under him.
 */
export function useConflict(id: () => string, fresh: () => number, decided: (result: Result) => void) {
  const query = useQuery<ConflictAnswer>();
  const shown = shallowRef<ConflictAnswer | null>(null);
  const newer = shallowRef<ConflictAnswer | null>(null);
  const setback = shallowRef<Setback | null>(null);
  const busy = ref(false);
  const sending = new Sending(uuid7);

  const load = () => void query.load(`/conflicts/${encodeURIComponent(id())}`);
  watch(
    id,
    () => {
      shown.value = newer.value = setback.value = null;
      load();
    },
    { immediate: true },
  );
  watch(fresh, load);
  watch(query.answer, (got) => {
    if (got === null || got.row.id !== id() || busy.value) return;
    if (shown.value !== null && hasMoved(shown.value, got)) newer.value = got;
    else shown.value = got;
  });

  const draft = computed<Draft>(() => {
    const found = drafts.get(id());
    if (found) return found;
    drafts.set(id(), emptyDraft());
    return drafts.get(id()) as Draft;
  });

  function replace(present: ConflictAnswer): void {
    Object.assign(draft.value, carriedOver(draft.value, present));
    shown.value = present;
    newer.value = null;
  }

  function look(): void {
    const [before, present] = [shown.value, newer.value];
    if (before === null || present === null) return;
    const mine = { ...draft.value };
    replace(present);
    const lost = present.row.state !== "open" && (mine.choice !== null || mine.reason !== "");
    setback.value = lost ? { kind: "decided", mine, before } : null;
  }

  function stepBack(error: unknown, before: ConflictAnswer): void {
    if (!(error instanceof QueryProblem)) throw error;
    const present = error.told?.detail as ConflictAnswer | undefined;
    if (error.kind === "conflict" && present?.row) {
      const mine = { ...draft.value };
      replace(present);
      setback.value = { kind: present.row.state === "open" ? "moved" : "decided", mine, before };
    } else if (error.kind === "refused" && error.told) {
      setback.value = { kind: "refused", told: error.told };
    } else {
      setback.value = { kind: "failed", problem: { kind: error.kind, code: error.code } };
    }
  }

  async function decide(): Promise<void> {
    const before = shown.value;
    if (before === null || busy.value || newer.value || lacks(before, draft.value)) return;
    busy.value = true;
    setback.value = null;
    try {
      const result = await send<Result>(
        `/conflicts/${encodeURIComponent(before.row.id)}/resolve`,
        sending.request(before, draft.value),
      );
      drafts.delete(before.row.id);
      decided(result);
    } catch (error) {
      stepBack(error, before);
    } finally {
      busy.value = false;
    }
  }

  return { query, shown, newer, setback, busy, draft, load, look, decide };
}
