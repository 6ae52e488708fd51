import { addMessages, messagesReady } from "../../ui/i18n";
import FarewellNote from "./FarewellNote.vue";
import zh from "./words/zh";

addMessages({ zh, en: () => import("./words/en") });

/** The note with its words. Hardly any sign-in needs it, so it comes apart from the page. */
export async function farewellNote() {
  await messagesReady();
  return FarewellNote;
}
