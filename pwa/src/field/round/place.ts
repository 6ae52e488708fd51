import { reactive } from "vue";
import { type Tablet, useTablet } from "../tablet";
import type { Filter } from "./rows";

/** Where somebody was in the list: kept while other screens are open. */
export interface Place {
  search: string;
  filter: Filter;
  scroll: number;
}

const places = new WeakMap<Tablet, Place>();

export function usePlace(): Place {
  const tablet = useTablet();
  const place = places.get(tablet) ?? reactive<Place>({ search: "", filter: "all", scroll: 0 });
  places.set(tablet, place);
  return place;
}
