import { onScopeDispose, type ShallowRef, shallowRef, watch } from "vue";
import type { CheckItem, PostType, Standard } from "../contract";
import type { RoundUnit } from "./model/round";
import { type StandardRecords, standardOf, type UnitStandard, versionOn } from "./model/standard";
import { useTablet } from "./tablet";

const TOPICS = ["standard", "check_item", "post_type"];

/**
 * What is to be checked at a unit. `version`: that of a check begun before; else the one in force today.
 * Null while it is read, or where no standard is in force.
 */
export function useStandard(
  unit: () => RoundUnit | null,
  version: () => number | null = () => null,
): Readonly<ShallowRef<UnitStandard | null>> {
  const { replica } = useTablet();
  const records = shallowRef<StandardRecords | null>(null);
  const answer = shallowRef<UnitStandard | null>(null);
  const read = async (): Promise<StandardRecords> => {
    const [standards, items, postTypes] = await Promise.all([
      replica.queries.recordsOfKind<Standard>("standard"),
      replica.queries.recordsOfKind<CheckItem>("check_item"),
      replica.queries.recordsOfKind<PostType>("post_type"),
    ]);
    return { standards, items, postTypes };
  };
  onScopeDispose(
    replica.queries.watch(TOPICS, read, (value) => {
      records.value = value;
    }),
  );
  watch(
    [records, unit, version],
    () => {
      const [known, one] = [records.value, unit()];
      if (known === null || one === null) return;
      const number = version() ?? versionOn(known.standards, one.today);
      answer.value =
        number === null ? null : standardOf(known, number, one.post.data, one.area?.data ?? null);
    },
    { immediate: true },
  );
  return answer;
}
