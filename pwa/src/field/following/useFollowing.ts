import { computed, onScopeDispose, ref, type ShallowRef, shallowRef } from "vue";
import { type Finding, KINDS } from "../../contract";
import { businessDate, changedSince, type Difference, inCharge, type Who } from "../../rules";
import { CommitTooLarge, StorageFull, type ViewRecord } from "../../store";
import { type Edit, makeCommit, uuid7 } from "../../sync";
import { type Step, stepsOf } from "../model/following";
import { useShell, useTablet } from "../tablet";
import { FOLLOWING_TOPICS, type Followed, type OpenSignature, readFollowing } from "./readFollowing";

export type ActProblem = "storage_full" | "too_large" | "failed";

/** How a finding stands to the newest signature, refusal or absence for it. */
export interface Standing {
  signature: OpenSignature;
  /** Of what was signed, what is another now. */
  changed: Difference[];
}

/** A finding under way: what is known, what this user may do next, and saving it as one act. */
export function useFollowing(id: () => string) {
  const { replica, user, clock } = useTablet();
  const { session } = useShell();
  // Undefined while it is read for the first time.
  const followed: ShallowRef<Followed | null | undefined> = shallowRef(undefined);
  onScopeDispose(
    replica.queries.watch(
      FOLLOWING_TOPICS,
      () => readFollowing(replica, id()),
      (value) => {
        followed.value = value;
      },
    ),
  );
  const who = computed((): Who => whoOf(followed.value ?? null));
  function whoOf(known: Followed | null): Who {
    const space = known?.finding.space ?? "";
    return {
      user: user.id,
      roles: session.current.value?.roles[space] ?? [],
      inCharge: () => known !== null && isInCharge(known, user.id, clock.corrected()),
    };
  }
  const standing = computed(() =>
    followed.value ? standingOf(followed.value, followed.value.finding) : null,
  );
  const steps = computed((): Step[] => {
    const known = followed.value;
    if (!known) return [];
    return stepsOf(known.finding, who.value, (standing.value?.changed.length ?? 0) > 0);
  });
  return { followed, who, standing, steps, ...useAct(() => followed.value?.finding.space ?? "") };
}

/** Saves edits as one commit; says what went wrong and keeps the form. */
export function useAct(space: () => string) {
  const { replica } = useTablet();
  const saving = ref(false);
  const problem = ref<ActProblem | null>(null);
  async function save(
    edits: readonly Edit[],
    blobs: readonly string[] = [],
    draft?: string,
  ): Promise<boolean> {
    if (saving.value) return false;
    saving.value = true;
    problem.value = null;
    try {
      await replica.save(makeCommit(space(), edits, { kinds: KINDS, blobs, uuid: uuid7 }), draft);
      return true;
    } catch (error) {
      problem.value = told(error);
      return false;
    } finally {
      saving.value = false;
    }
  }
  return { saving, problem, save };
}

/** The newest signature that stands for a finding and what has changed since; null: there is none here. */
export function standingOf(
  { signatures }: Pick<Followed, "signatures">,
  finding: ViewRecord<Finding>,
): Standing | null {
  const named = signatures.find(({ record }) => record.id === finding.data.acknowledgement);
  const newest = named ?? signatures.findLast(({ record }) => record.data.findings.includes(finding.id));
  if (newest === undefined) return null;
  return { signature: newest, changed: changedSince(newest.snapshot, finding) };
}

function isInCharge({ finding, post, scopes, deputies }: Followed, user: string, now: number): boolean {
  const data = <D>(rows: readonly { data: D }[]) => rows.map((row) => row.data);
  return inCharge(
    user,
    finding.data,
    post?.data ?? null,
    data(scopes),
    data(deputies),
    businessDate(now, post?.data.shift ?? "day"),
  );
}

function told(error: unknown): ActProblem {
  if (error instanceof StorageFull) return "storage_full";
  if (error instanceof CommitTooLarge) return "too_large";
  console.error(error);
  return "failed";
}
