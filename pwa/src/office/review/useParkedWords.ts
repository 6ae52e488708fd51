import { useI18n } from "vue-i18n";
import type { ParkedAnswer } from "../../contract/index.ts";
import { locale } from "../../ui/i18n";
import { useSpeech } from "../useSpeech.ts";
import { changesOf, kindOf, type ParkedRow, placeOf, type ReadChange } from "./parked.ts";

/** Words for what is parked: titles, reasons, names of what is named. */
export function useParkedWords(answer: () => ParkedAnswer | null) {
  const { t, te } = useI18n();
  const english = () => locale() === "en";
  const nameOf = (id: string): string | null => {
    const found = answer()?.names.find((one) => one.id === id);
    if (found) return english() ? found.name_en || found.name : found.name;
    return answer()?.parked.find((row) => row.user === id)?.author.name ?? null;
  };
  const kindWords = (kind: string) => (te(`office.kind.${kind}`) ? t(`office.kind.${kind}`) : kind);

  function title(row: ParkedRow): string {
    const changes = changesOf(row.commit);
    const what = t(`office.parked.kinds.${kindOf(changes)}`, { kind: kindWords(changes[0]?.kind ?? "") });
    const place = nameOf(placeOf(changes) ?? "");
    return place === null ? what : `${what} · ${place}`;
  }

  const speech = useSpeech(nameOf);
  return {
    title,
    kindWords,
    nameOf,
    /** Speaks of a commit's values; what the same commit creates has no name on the server yet. */
    speechOf(changes: readonly ReadChange[]) {
      const same = (id: string) => changes.find((change) => change.record === id);
      return {
        ...speech,
        name: (id: string) => {
          const kind = same(id)?.kind;
          return nameOf(id) ?? (kind ? t("office.parked.same", { kind: kindWords(kind) }) : null);
        },
      };
    },
    device: (row: ParkedRow) => row.device_name || t("office.devices.short", { id: row.device.slice(-6) }),
    why(row: ParkedRow): string {
      const own = `office.parked.reasons.${row.reason.code}`;
      if (te(own)) return t(own);
      return (english() ? row.message_en : row.message) ?? row.reason.code;
    },
    waits(row: ParkedRow): string {
      if (row.waits_for.length === 0) return t("office.parked.waitsNothing");
      const parked = new Set(answer()?.parked.map((one) => one.id));
      const names = row.waits_for.map((id) => {
        if (parked.has(id)) return t("office.parked.waitsCommit", { id: id.slice(-6) });
        return nameOf(id) ?? t("office.review.record", { id: id.slice(-6) });
      });
      const count = names.length;
      const some = names.slice(0, 5).join(t("office.review.and"));
      return t("office.parked.waitsFor", { count, names: some }, count);
    },
  };
}
