import { useI18n } from "vue-i18n";
import type { ParkedAnswer } from "../../contract/index.ts";
import { locale } from "../../ui/i18n";
import { useSpeech } from "../useSpeech.ts";
import { changesOf, kindOf, type ParkedRow, placeOf, type ReadChange } from "./parked.ts";

type Answer = () => ParkedAnswer | null;
const english = () => locale() === "en";

/** Names of what a commit names; an author is known by the commit itself. */
function useNames(answer: Answer) {
  return (id: string): string | null => {
    const found = answer()?.names.find((one) => one.id === id);
    if (found) return english() ? found.name_en || found.name : found.name;
    return answer()?.parked.find((row) => row.user === id)?.author.name ?? null;
  };
}

/** What a commit waits for, in words. */
function useWaits(answer: Answer, nameOf: (id: string) => string | null) {
  const { t } = useI18n();
  return (row: ParkedRow): string => {
    if (row.waits_for.length === 0) return t("office.parked.waitsNothing");
    const parked = new Set(answer()?.parked.map((one) => one.id));
    const names = row.waits_for.map((id) => {
      if (parked.has(id)) return t("office.parked.waitsCommit", { id: id.slice(-6) });
      return nameOf(id) ?? t("office.review.record", { id: id.slice(-6) });
    });
    const count = names.length;
    const some = names.slice(0, 5).join(t("office.review.and"));
    return t("office.parked.waitsFor", { count, names: some }, count);
  };
}

/** Words for what is parked: titles, reasons, names of what is named. */
export function useParkedWords(answer: Answer) {
  const { t, te } = useI18n();
  const nameOf = useNames(answer);
  const speech = useSpeech(nameOf);
  const kindWords = (kind: string) => (te(`office.kind.${kind}`) ? t(`office.kind.${kind}`) : kind);

  function title(row: ParkedRow): string {
    const changes = changesOf(row.commit);
    const what = t(`office.parked.kinds.${kindOf(changes)}`, { kind: kindWords(changes[0]?.kind ?? "") });
    const place = nameOf(placeOf(changes) ?? "");
    return place === null ? what : `${what} · ${place}`;
  }

  /** Speaks of a commit's values; what the same commit creates has no name on the server yet. */
  function speechOf(changes: readonly ReadChange[]) {
    const same = (id: string) => changes.find((change) => change.record === id)?.kind;
    const sameWords = (kind: string | undefined) =>
      kind ? t("office.parked.same", { kind: kindWords(kind) }) : null;
    return { ...speech, name: (id: string) => nameOf(id) ?? sameWords(same(id)) };
  }

  function why(row: ParkedRow): string {
    const own = `office.parked.reasons.${row.reason.code}`;
    if (te(own)) return t(own);
    return (english() ? row.message_en : row.message) ?? row.reason.code;
  }

  const device = (row: ParkedRow) =>
    row.device_name || t("office.devices.short", { id: row.device.slice(-6) });
  return { title, kindWords, nameOf, speechOf, device, why, waits: useWaits(answer, nameOf) };
}
