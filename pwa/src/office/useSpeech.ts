import { useI18n } from "vue-i18n";
import { ROLES } from "../contract/index.ts";
import { dayOf, formatDay, formatDayTime } from "../ui/format.ts";
import { locale } from "../ui/i18n";
import type { Speech } from "./review/values.ts";

/** Speaks of values in the language on the screen; `name` knows records by id. */
export function useSpeech(name: (id: string) => string | null | undefined): Speech {
  const { t, te } = useI18n();
  const today = () => dayOf(Date.now());
  return {
    word: (key, named) => t(key, named ?? {}),
    has: (key) => te(key),
    name: (id) => name(id) ?? null,
    role: (code) => (locale() === "en" ? ROLES[code]?.english : ROLES[code]?.chinese) ?? code,
    moment: (text) => formatDayTime(text, locale(), today()),
    day: (text) => formatDay(text, locale(), today()),
  };
}
