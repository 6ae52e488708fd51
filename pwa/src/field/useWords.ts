import type { ShallowRef } from "vue";
import { useI18n } from "vue-i18n";
import { dayOf, formatDay, formatDayTime, formatTime, type Locale } from "../ui/format";
import { badgeOf } from "./model/badge";
import { nameOf } from "./model/names";
import type { RoundRecords } from "./model/records";
import type { RoundUnit } from "./model/round";
import { useTablet } from "./tablet";
import { useRound } from "./useRound";

type Translate = ReturnType<typeof useI18n>["t"];

/** Sentences about units and people, in the language of the screen; reactive where they are used in a template. */
export class Words {
  constructor(
    private readonly t: Translate,
    readonly language: () => Locale,
    private readonly today: () => string,
    private readonly records: Readonly<ShallowRef<RoundRecords | null>>,
  ) {}

  list(parts: readonly string[]): string {
    return parts.join(this.t("field.list"));
  }

  day(date: string): string {
    return formatDay(date, this.language(), this.today());
  }

  dayTime(at: number | string): string {
    return formatDayTime(at, this.language(), this.today());
  }

  /** `今天 08:55` for today, else day and time. */
  when(at: number | string): string {
    return dayOf(at) === this.today() ? this.t("field.todayAt", { time: formatTime(at) }) : this.dayTime(at);
  }

  personName(id: string | null | undefined): string {
    if (!id) return this.t("field.nobody");
    const person = this.records.value?.people.find((one) => one.id === id);
    return person?.data.name ?? this.t("field.unknownPerson");
  }

  unitName({ post, area }: Pick<RoundUnit, "post" | "area">): string {
    if (area !== null) return nameOf(area.data, this.language());
    return this.t("field.unit.postItself", { name: nameOf(post.data, this.language()) });
  }

  badge(unit: RoundUnit): string {
    const { word, n } = badgeOf(unit);
    const at = word === "checked_today" && unit.lastCheck ? formatTime(unit.lastCheck.data.ended_at) : "";
    return this.t(`field.badge.${word}`, { n, at }, n);
  }

  /** The second line of a row: post, last check, what is open, whose it is. */
  rowFacts(unit: RoundUnit): string[] {
    const { openFindings: n, draftAt, actingFor } = unit;
    const facts = [
      unit.area === null ? this.t("field.unit.postItems") : nameOf(unit.post.data, this.language()),
      ...this.lastChecked(unit),
    ];
    if (n > 0) facts.push(this.t("field.unit.open", { n }, n));
    if (draftAt !== null) facts.push(this.t("field.unit.begun", { at: this.when(draftAt) }));
    if (actingFor !== null) facts.push(this.t("field.unit.actingFor", { name: this.personName(actingFor) }));
    return facts;
  }

  private lastChecked({ group, lastCheck, state }: RoundUnit): string[] {
    if (state.last_checked_on === null) return [this.t("field.unit.neverChecked")];
    if (group !== "covered_today" || lastCheck === null) {
      return [this.t("field.unit.lastChecked", { day: this.day(state.last_checked_on) })];
    }
    const { results } = lastCheck.data;
    const all = results.filter(({ result }) => result !== "not_applicable").length;
    const good = results.filter(({ result }) => result === "conform").length;
    const stands = lastCheck.parked ? ["field.unit.parked"] : lastCheck.pending ? ["field.unit.unsent"] : [];
    return [this.t("field.unit.conforming", { good, all }), ...stands.map((key) => this.t(key))];
  }
}

export function useWords(): Words {
  const { t, locale } = useI18n();
  const { today } = useTablet();
  return new Words(
    t,
    () => locale.value as Locale,
    () => today.value,
    useRound().records,
  );
}
