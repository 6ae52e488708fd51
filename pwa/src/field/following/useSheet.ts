import { type ComputedRef, computed, ref, type ShallowRef, shallowRef, watch } from "vue";
import { useI18n } from "vue-i18n";
import { type Finding, SNAPSHOT_FORM } from "../../contract";
import { type Act, canonical, type Sheet, type Shown, type Snapshot, type Stroke } from "../../rules";
import type { ViewRecord } from "../../store";
import { uuid7, zoned } from "../../sync";
import { acknowledge } from "../model/following";
import { type SheetSources, sheetOf, shown } from "../model/sheet";
import { useShell, useTablet } from "../tablet";
import { useWords } from "../useWords";
import type { Followed } from "./readFollowing";
import { standingOf, useFollowing } from "./useFollowing";
import { useDeviceKey } from "./usePins";

/** How the person identified himself, and what he left on the sheet. */
export interface Confirmation {
  act: Act;
  pinVersion: number | null;
  strokes: Stroke[];
  typedName: string | null;
  witness: string | null;
  reason: string | null;
}

/** The sheet of one person for one check: shown from the moment of opening, shown anew when its content changes. */
export function useSheet(id: () => string) {
  const following = useFollowing(id);
  const { followed } = following;
  const signer = computed(() => followed.value?.finding.data.responsible_person ?? null);
  const findings = computed(() => waitingFor(followed.value ?? null, signer.value));
  const takenAt = computed(
    () => new Map([...(followed.value?.photos ?? [])].map(([photo, { data }]) => [photo, data.taken_at])),
  );
  const sources = useSources();
  const shownSheet = useShownSheet(following, signer, findings, sources);
  const finish = useFinish(following, shownSheet.sheet, findings, sources);
  const needed = computed(() => {
    const known = followed.value;
    if (!known || signer.value === null) return false;
    const { state } = known.finding.data;
    return state === "evaluated" || (standingOf(known, known.finding)?.changed.length ?? 0) > 0;
  });
  return { ...following, ...shownSheet, signer, takenAt, needed, finish };
}

type Following = ReturnType<typeof useFollowing>;
type Findings = ComputedRef<ViewRecord<Finding>[]>;
type Sources = (known: Followed) => SheetSources;

/** All findings of the check that wait for this person; the one that was opened among them. */
function waitingFor(known: Followed | null, signer: string | null): ViewRecord<Finding>[] {
  if (known === null || signer === null) return [];
  return known.siblings.filter(
    ({ id, data }) =>
      data.responsible_person === signer &&
      (id === known.finding.id || (data.state === "evaluated" && data.class !== "OBS")),
  );
}

function useSources(): Sources {
  const { t } = useI18n();
  const words = useWords();
  return (known) => ({
    ...known,
    language: words.language(),
    classes: known.classes.rows,
    unknown: t("field.unknownPerson"),
  });
}

function useShownSheet(
  { followed, saving }: Following,
  signer: ComputedRef<string | null>,
  findings: Findings,
  sources: Sources,
) {
  const sheet = shallowRef<Sheet | null>(null);
  /** It was shown with other content before. */
  const renewed = ref(false);
  watch(
    [followed, findings],
    () => {
      const known = followed.value;
      // Nothing is changed under the eyes of somebody whose signature is just being kept.
      if (!known || signer.value === null || saving.value) return;
      const next = sheetOf(findings.value, signer.value, sources(known));
      if (sheet.value !== null && canonical(next.lines) === canonical(sheet.value.lines)) return;
      renewed.value = sheet.value !== null;
      sheet.value = next;
    },
    { immediate: true },
  );
  return { sheet, renewed };
}

/** Signs what is shown with the key of this device and keeps it as one act. */
function useFinish(
  { followed, save, saving, problem }: Following,
  sheet: ShallowRef<Sheet | null>,
  findings: Findings,
  sources: Sources,
) {
  const key = useDeviceKey();
  const snapshotOf = useSnapshot();
  return async (confirmed: Confirmation): Promise<boolean> => {
    const [known, content] = [followed.value, sheet.value];
    if (!known || content === null || saving.value) return false;
    const witness = confirmed.witness === null ? null : shown(confirmed.witness, sources(known));
    const snapshot = snapshotOf(content, confirmed, witness);
    const text = canonical(snapshot);
    try {
      const sealed = await key.sign(text);
      const read = findings.value.filter(({ id }) => content.lines.some(({ record }) => record === id));
      return await save(acknowledge(snapshot, text, sealed, read));
    } catch (error) {
      console.error(error);
      problem.value = "failed";
      return false;
    }
  };
}

function useSnapshot() {
  const { user, clock } = useTablet();
  const { session } = useShell();
  const words = useWords();
  return (content: Sheet, confirmed: Confirmation, witness: Shown | null): Snapshot => ({
    form: SNAPSHOT_FORM,
    signature: uuid7(),
    act: confirmed.act,
    ...content,
    device: session.current.value?.device ?? "",
    recorded_by: { id: user.id, name: user.name },
    witness,
    reason: confirmed.reason,
    signed_at: zoned(Date.now()),
    clock_offset_ms: Math.round(clock.stamp().clock.offset * 1000),
    identified:
      confirmed.pinVersion === null ? { by: "none" } : { by: "pin", pin_version: confirmed.pinVersion },
    language: words.language(),
    strokes: confirmed.strokes,
    typed_name: confirmed.typedName,
  });
}
