import { reactive, watch } from "vue";
import { useRoute, useRouter } from "vue-router";

/**
 * A screen's choices kept in the address, so that it can be bookmarked and shared. Only what differs from
 * `defaults` is written; typing replaces the entry, so that Back leaves the screen and not a letter.
 */
export function useShared<Choices extends Record<string, string>>(defaults: Choices): Choices {
  const route = useRoute();
  const router = useRouter();
  const chosen = reactive({ ...defaults }) as Choices;

  const read = () => {
    for (const key of Object.keys(defaults) as Array<keyof Choices & string>) {
      const value = route.query[key];
      chosen[key] = (typeof value === "string" ? value : defaults[key]) as Choices[typeof key];
    }
  };
  read();
  watch(() => route.query, read);
  watch(chosen, () => {
    const query = Object.fromEntries(
      Object.entries(chosen).filter(([key, value]) => value !== defaults[key]),
    );
    if (JSON.stringify(query) !== JSON.stringify(route.query)) void router.replace({ query });
  });
  return chosen;
}
