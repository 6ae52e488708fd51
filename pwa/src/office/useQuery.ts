import { onScopeDispose, type Ref, ref, shallowRef } from "vue";
import { type ProblemKind, QueryProblem, query } from "./api.ts";

export interface Query<Answer> {
  /** The last answer; it stays while a newer one is fetched or cannot be had. */
  readonly answer: Ref<Answer | null>;
  readonly problem: Ref<{ kind: ProblemKind; code: string } | null>;
  readonly loading: Ref<boolean>;
  /** Asks (again); with a new path the old answer goes. A later call overtakes an earlier one. */
  load(path: string): Promise<void>;
}

/** One query of a screen, safe against answers that arrive in the wrong order. */
export function useQuery<Answer>(): Query<Answer> {
  const answer = shallowRef<Answer | null>(null);
  const problem = ref<{ kind: ProblemKind; code: string } | null>(null);
  const loading = ref(false);
  let running: AbortController | null = null;
  let shown = "";

  async function load(path: string): Promise<void> {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    if (path !== shown) answer.value = null;
    shown = path;
    loading.value = true;
    try {
      const got = await query<Answer>(path, mine.signal);
      if (mine.signal.aborted) return;
      answer.value = got;
      problem.value = null;
    } catch (error) {
      if (mine.signal.aborted) return;
      if (!(error instanceof QueryProblem)) throw error;
      problem.value = { kind: error.kind, code: error.code };
    } finally {
      if (running === mine) loading.value = false;
    }
  }

  onScopeDispose(() => running?.abort());
  return { answer, problem, loading, load };
}
