import { useI18n } from "vue-i18n";
import { useWords, type Words } from "../useWords";

type Translate = ReturnType<typeof useI18n>["t"];

const UNITS = new Set(
  "evaluation state description note photos tags corrections verifications comments no_photo_reason result remark".split(
    " ",
  ),
);

function fieldWords(t: Translate, words: Words, name: string, value: unknown): string {
  if (value === null || value === undefined || value === "") return t("follow.empty");
  if (Array.isArray(value)) return t("follow.count", { n: value.length }, value.length);
  const text = String(value);
  switch (name) {
    case "class":
      return t(`field.class.${text}`);
    case "attribution":
      return t(`follow.attribution.${text}`);
    case "disposition":
      return t(`follow.disposition.${text}`);
    case "state":
      return t(`field.finding.state.${text}`);
    case "present":
      return t(`follow.present.${text}`);
    case "responsible_person":
      return words.personName(text);
    case "due_at":
      return words.dayTime(text);
    default:
      return text;
  }
}

/** Values of a finding's units in words, never in codes. */
export function useValueWords() {
  const { t } = useI18n();
  const words = useWords();
  const field = (name: string, value: unknown) => fieldWords(t, words, name, value);
  return {
    unit: (name: string) => t(`follow.unit.${UNITS.has(name) ? name : "other"}`),
    field,
    fieldName: (name: string) => t(`follow.field.${name}`),
    /** A unit's value as lines of name and value; technical fields stay away. */
    lines(unit: string, value: unknown): { name: string; value: string }[] {
      if (value !== null && typeof value === "object" && !Array.isArray(value)) {
        return Object.entries(value)
          .filter(([name]) => name !== "class_table_version" && name !== "acknowledgement")
          .filter(([name, one]) => one !== null || name === "class")
          .map(([name, one]) => ({ name: t(`follow.field.${name}`), value: field(name, one) }));
      }
      return [{ name: "", value: field(unit, value) }];
    },
  };
}
