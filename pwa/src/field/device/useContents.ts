import { useI18n } from "vue-i18n";
import type { Change, OutboxEntry } from "../../store";
import { useValueWords } from "../following/valueWords";
import { useWords } from "../useWords";

export interface Line {
  name: string;
  value: string;
}

type Translate = ReturnType<typeof useI18n>["t"];
type Values = ReturnType<typeof useValueWords>;

/** Fields that a person filled in and would know again; numbers, times and references stay away. */
const FIELDS =
  "description class attribution responsible_person disposition due_at present excuse state".split(" ");
const TEXTS = ["note", "remark", "no_photo_reason"];

/** What was in a commit, in the words of the screens on which it was entered. */
export function useContents() {
  const { t } = useI18n();
  const words = useWords();
  const values = useValueWords();
  return ({ commit }: OutboxEntry): Line[] => {
    const { changes } = commit;
    const lines = changes.flatMap((change) => [
      ...setLines(change, values),
      ...resultLines(change, t),
      ...followLines(change, t, (id) => words.personName(id)),
    ]);
    const photos = changes.filter(({ kind }) => kind === "photo").length;
    if (photos > 0)
      lines.push({ name: t("follow.unit.photos"), value: t("follow.parked.photos", { n: photos }, photos) });
    return lines;
  };
}

function setLines({ kind, set = {} }: Change, values: Values): Line[] {
  if (kind !== "finding" && kind !== "area_check") return [];
  const filled = (name: string) => set[name] !== undefined && set[name] !== null && set[name] !== "";
  return [
    ...FIELDS.filter(filled).map((name) => ({
      name: values.fieldName(name),
      value: values.field(name, set[name]),
    })),
    ...TEXTS.filter(filled).map((name) => ({ name: values.unit(name), value: String(set[name]) })),
  ];
}

function resultLines({ kind, set }: Change, t: Translate): Line[] {
  if (kind !== "area_check" || !Array.isArray(set?.results)) return [];
  const of = (wanted: string) =>
    (set.results as { result: string }[]).filter(({ result }) => result === wanted).length;
  const counts = { good: of("conform"), bad: of("nonconform"), none: of("not_applicable") };
  return [{ name: t("follow.unit.result"), value: t("follow.parked.results", counts) }];
}

interface Followed {
  result?: string;
  passed?: boolean;
  note?: string;
}

function followLines({ kind, set, add }: Change, t: Translate, nameOf: (id: string) => string): Line[] {
  if (kind === "signature" && set !== undefined) {
    const act = t(`follow.sheet.acts.${set.act}`);
    const reason = typeof set.reason === "string" ? [set.reason] : [];
    const value = [nameOf(String(set.signer)), act, ...reason].join(" · ");
    return [{ name: t("follow.parked.kind.signature"), value }];
  }
  const added = (field: string) => (add?.[field] ?? []).map(({ value }) => value as Followed);
  return [
    ...added("corrections").map(({ result }) => ({
      name: t("follow.unit.corrections"),
      value: result ?? "",
    })),
    ...added("verifications").map(({ passed, note }) => ({
      name: t("follow.unit.verifications"),
      value: [t(passed ? "follow.verify.passed" : "follow.verify.failed"), ...(note ? [note] : [])].join(
        " · ",
      ),
    })),
  ];
}
