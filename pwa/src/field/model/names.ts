import type { Locale } from "../../ui/format";

interface Named {
  name: string;
  name_en?: string | null;
}

/** A thing's name in the language of the screen; the Chinese one where there is no other. */
export function nameOf(thing: Named, locale: Locale): string {
  return (locale === "en" && thing.name_en) || thing.name;
}

/** Both languages, for a search that finds either. */
export function searchText(...things: (Partial<Named> & { code?: string | null })[]): string {
  return things
    .flatMap(({ name, name_en, code }) => [name, name_en, code])
    .filter((text) => text)
    .join(" ")
    .toLowerCase();
}

/** Does what is searched for occur in it? Every word must. */
export function matches(text: string, search: string): boolean {
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
