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

function draftOf(id: string): Draft {
  const found = drafts.get(id);
  if (found) return found;
  drafts.set(id, emptyDraft());
  return drafts.get(id) as Draft;
}

/** What stands in the way of a decision that was sent, and the present state if the answer brought it. */
function setbackOf(error: unknown, before: ConflictAnswer, mine: Draft): [Setback, ConflictAnswer | null] {
  if (!(error instanceof QueryProblem)) throw error;
  const present = error.told?.detail as ConflictAnswer | undefined;
  if (error.kind === "conflict" && present?.row)
    return [{ kind: present.row.state === "open" ? "moved" : "decided", mine, before }, present];
  if (error.kind === "refused" && error.told) return [{ kind: "refused", told: error.told }, null];
  return [{ kind: "failed", problem: { kind: error.kind, code: error.code } }, null];
}

/** The conflict as it was opened; what comes while it is shown waits in `newer`. */
function useOpened(id: () => string, fresh: () => number, changed: () => void) {
  const query = useQuery<ConflictAnswer>();
  const shown = shallowRef<ConflictAnswer | null>(null);
  const newer = shallowRef<ConflictAnswer | null>(null);
  const busy = ref(false);
  const draft = computed<Draft>(() => draftOf(id()));

  const load = () => void query.load(`/conflicts/${encodeURIComponent(id())}`);
  const another = () => {
    shown.value = newer.value = null;
    changed();
    load();
  };
  watch(id, another, { immediate: true });
  watch(fresh, load);
  watch(query.answer, (got) => {
    if (got === null || got.row.id !== id() || busy.value) return;
    if (shown.value !== null && hasMoved(shown.value, got)) newer.value = got;
    else shown.value = got;
  });

  function replace(present: ConflictAnswer): void {
    Object.assign(draft.value, carriedOver(draft.value, present));
    shown.value = present;
    newer.value = null;
  }

  return { query, shown, newer, busy, draft, load, replace };
}

/**
 * One conflict as it was opened, with the decision in the making. What comes meanwhile waits in `newer` until
 * the reviewer asks for it: nothing is torn from under him.
 */
export function useConflict(id: () => string, fresh: () => number, decided: (result: Result) => void) {
  const setback = shallowRef<Setback | null>(null);
  const sending = new Sending(uuid7);
  const opened = useOpened(id, fresh, () => {
    setback.value = null;
  });
  const { shown, newer, busy, draft, replace } = opened;

  function look(): void {
    const [before, present] = [shown.value, newer.value];
    if (before === null || present === null) return;
    const mine = { ...draft.value };
    replace(present);
    const lost = present.row.state !== "open" && (mine.choice !== null || mine.reason !== "");
    setback.value = lost ? { kind: "decided", mine, before } : null;
  }

  async function decide(): Promise<void> {
    const before = shown.value;
    if (before === null || busy.value || newer.value || lacks(before, draft.value)) return;
    busy.value = true;
    setback.value = null;
    try {
      const path = `/conflicts/${encodeURIComponent(before.row.id)}/resolve`;
      const result = await send<Result>(path, sending.request(before, draft.value));
      drafts.delete(before.row.id);
      decided(result);
    } catch (error) {
      const [why, present] = setbackOf(error, before, { ...draft.value });
      if (present !== null) replace(present);
      setback.value = why;
    } finally {
      busy.value = false;
    }
  }

  return { ...opened, setback, look, decide };
}
