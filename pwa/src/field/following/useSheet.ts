import { computed, ref, shallowRef, watch } from "vue";
import { useI18n } from "vue-i18n";
import { SNAPSHOT_FORM } from "../../contract";
import { type Act, canonical, type Sheet, type Shown, type Snapshot, type Stroke } from "../../rules";
import { uuid7, zoned } from "../../sync";
import { acknowledge } from "../model/following";
import { sheetOf, shown } from "../model/sheet";
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
  const { user, clock } = useTablet();
  const { session } = useShell();
  const { t } = useI18n();
  const words = useWords();
  const key = useDeviceKey();
  const following = useFollowing(id);
  const { followed, save, problem } = following;
  const sheet = shallowRef<Sheet | null>(null);
  /** It was shown with other content before. */
  const renewed = ref(false);

  const signer = computed(() => followed.value?.finding.data.responsible_person ?? null);
  /** All findings of the check that wait for this person; the one that was opened among them. */
  const findings = computed(() => {
    const known = followed.value;
    if (!known || signer.value === null) return [];
    return known.siblings.filter(
      ({ id: one, data }) =>
        data.responsible_person === signer.value &&
        (one === known.finding.id || (data.state === "evaluated" && data.class !== "OBS")),
    );
  });
  const takenAt = computed(
    () => new Map([...(followed.value?.photos ?? [])].map(([photo, { data }]) => [photo, data.taken_at])),
  );
  const sources = (known: Followed) => ({
    ...known,
    language: words.language(),
    classes: known.classes.rows,
    unknown: t("field.unknownPerson"),
  });
  watch(
    [followed, findings],
    () => {
      const known = followed.value;
      // Nothing is changed under the eyes of somebody whose signature is just being kept.
      if (!known || signer.value === null || following.saving.value) return;
      const next = sheetOf(findings.value, signer.value, sources(known));
      if (sheet.value !== null && canonical(next.lines) === canonical(sheet.value.lines)) return;
      renewed.value = sheet.value !== null;
      sheet.value = next;
    },
    { immediate: true },
  );

  /** Signs what is shown with the key of this device and keeps it as one act. */
  async function finish(confirmed: Confirmation): Promise<boolean> {
    const [known, content] = [followed.value, sheet.value];
    if (!known || content === null || following.saving.value) return false;
    const person = (one: string | null): Shown | null => (one === null ? null : shown(one, sources(known)));
    const snapshot: Snapshot = {
      form: SNAPSHOT_FORM,
      signature: uuid7(),
      act: confirmed.act,
      ...content,
      device: session.current.value?.device ?? "",
      recorded_by: { id: user.id, name: user.name },
      witness: person(confirmed.witness),
      reason: confirmed.reason,
      signed_at: zoned(Date.now()),
      clock_offset_ms: Math.round(clock.stamp().clock.offset * 1000),
      identified:
        confirmed.pinVersion === null ? { by: "none" } : { by: "pin", pin_version: confirmed.pinVersion },
      language: words.language(),
      strokes: confirmed.strokes,
      typed_name: confirmed.typedName,
    };
    const text = canonical(snapshot);
    try {
      const sealed = await key.sign(text);
      const shownOnes = findings.value.filter(({ id: one }) =>
        content.lines.some(({ record }) => record === one),
      );
      return await save(acknowledge(snapshot, text, sealed, shownOnes));
    } catch (error) {
      console.error(error);
      problem.value = "failed";
      return false;
    }
  }

  const needed = computed(() => {
    const known = followed.value;
    if (!known || signer.value === null) return false;
    const { state } = known.finding.data;
    return state === "evaluated" || (standingOf(known, known.finding)?.changed.length ?? 0) > 0;
  });
  return { ...following, sheet, renewed, signer, takenAt, needed, finish };
}
