import { computed, onScopeDispose, shallowRef } from "vue";
import { useI18n } from "vue-i18n";
import type { Person, RoleAssignment } from "../../contract";
import type { ViewRecord } from "../../store";
import type { Locale } from "../../ui/format";
import { lifterOf } from "../model/lifter";
import { roleName } from "../roleName";
import { useTablet } from "../tablet";

/** Whom a person asks for a code or to lift the lock of the PIN, in words: by name where one is known. */
export function useLifter(space: () => string, signer: () => string) {
  const { t, locale } = useI18n();
  const { replica, today } = useTablet();
  const found = shallowRef<ViewRecord<Person> | null>(null);
  const read = async () => {
    const [people, assignments] = await Promise.all([
      replica.queries.recordsOfKind<Person>("person"),
      replica.queries.recordsOfKind<RoleAssignment>("role_assignment"),
    ]);
    const here = <Row extends { space: string }>(rows: readonly Row[]) =>
      rows.filter((row) => row.space === space());
    return lifterOf(signer(), here(people), here(assignments), today.value);
  };
  onScopeDispose(
    replica.queries.watch(["person", "role_assignment"], read, (value) => {
      found.value = value;
    }),
  );
  return computed(() => {
    const language = locale.value as Locale;
    const admin = roleName("administrator", language);
    const known = found.value?.data;
    if (known === undefined)
      return t("follow.pin.lifterRole", { role: roleName("supervisor", language), admin });
    const title = (language === "en" && known.title_en) || known.title || "";
    return t(title === "" ? "follow.pin.lifter" : "follow.pin.lifterTitled", {
      name: known.name,
      title,
      admin,
    });
  });
}
