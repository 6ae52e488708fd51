import { onScopeDispose, type Ref, ref } from "vue";

/** Is there room for the list and the unit side by side? Follows the tablet as it is turned. */
export function useWide(): Readonly<Ref<boolean>> {
  const query = window.matchMedia("(min-width: 1000px)");
  const wide = ref(query.matches);
  const look = () => {
    wide.value = query.matches;
  };
  query.addEventListener("change", look);
  onScopeDispose(() => query.removeEventListener("change", look));
  return wide;
}
