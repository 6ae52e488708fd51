import { ref } from "vue";
import { useI18n } from "vue-i18n";
import { locale } from "../ui/i18n";
import { QueryProblem } from "./api.ts";

/** Something that is done on a button: what came of it, or why nothing did, in words. */
export function useDeed() {
  const { t } = useI18n();
  const told = ref("");
  const failure = ref("");
  const busy = ref(false);

  /** Runs it; true if it was done. */
  async function run(deed: () => Promise<unknown>, words: () => string): Promise<boolean> {
    told.value = failure.value = "";
    busy.value = true;
    try {
      await deed();
      told.value = words();
      return true;
    } catch (error) {
      if (!(error instanceof QueryProblem)) throw error;
      const said = locale() === "en" ? error.told?.message_en : error.told?.message;
      failure.value = said ?? t(`office.problem.${error.kind}`, { code: error.code });
      return false;
    } finally {
      busy.value = false;
    }
  }

  return { told, failure, busy, run };
}
