import { useI18n } from "vue-i18n";
import { dayOf, formatDay, formatDayTime, formatTime, type Locale } from "../ui/format";
import { badgeOf } from "./model/badge";
import { nameOf } from "./model/names";
import type { RoundUnit } from "./model/round";
import { useTablet } from "./tablet";
import { useRound } from "./useRound";

/** Sentences about units and people, in the language of the screen. */
export function useWords() {
  const { t, locale } = useI18n();
  const { now } = useTablet();
  const { records } = useRound();
  const language = () => locale.value as Locale;
  const today = () => dayOf(now.value);
  const list = (parts: readonly string[]) => parts.join(t("field.list"));

  const day = (date: string) => formatDay(date, language(), today());
  const dayTime = (at: number | string) => formatDayTime(at, language(), today());
  /** `今天 08:55` for today, else day and time. */
  const when = (at: number | string) =>
    dayOf(at) === today() ? t("field.todayAt", { time: formatTime(at) }) : dayTime(at);

  const personName = (id: string | null | undefined): string => {
    if (!id) return t("field.nobody");
    return records.value?.people.find((person) => person.id === id)?.data.name ?? t("field.unknownPerson");
  };

  const unitName = ({ post, area }: Pick<RoundUnit, "post" | "area">): string =>
    area === null
      ? t("field.unit.postItself", { name: nameOf(post.data, language()) })
      : nameOf(area.data, language());

  const badge = (unit: RoundUnit): string => {
    const { word, n } = badgeOf(unit);
    const at = word === "checked_today" && unit.lastCheck ? formatTime(unit.lastCheck.data.ended_at) : "";
    return t(`field.badge.${word}`, { n, at }, n);
  };

  const lastChecked = ({ state }: RoundUnit): string =>
    state.last_checked_on === null
      ? t("field.unit.neverChecked")
      : t("field.unit.lastChecked", { day: day(state.last_checked_on) });

  const rowFacts = (unit: RoundUnit): string[] => {
    const facts = unit.area === null ? [t("field.unit.postItems")] : [nameOf(unit.post.data, language())];
    if (unit.group === "covered_today" && unit.lastCheck !== null) {
      const { results } = unit.lastCheck.data;
      const all = results.filter(({ result }) => result !== "not_applicable").length;
      const good = results.filter(({ result }) => result === "conform").length;
      facts.push(t("field.unit.conforming", { good, all }));
      if (unit.lastCheck.parked) facts.push(t("field.unit.parked"));
      else if (unit.lastCheck.pending) facts.push(t("field.unit.unsent"));
    } else facts.push(lastChecked(unit));
    if (unit.openFindings > 0) facts.push(t("field.unit.open", { n: unit.openFindings }, unit.openFindings));
    if (unit.draftAt !== null) facts.push(t("field.unit.begun", { at: when(unit.draftAt) }));
    if (unit.actingFor !== null) facts.push(t("field.unit.actingFor", { name: personName(unit.actingFor) }));
    return facts;
  };

  return { t, language, list, day, dayTime, when, personName, unitName, badge, lastChecked, rowFacts };
}
