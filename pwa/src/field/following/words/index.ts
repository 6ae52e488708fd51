import { addMessages, messagesReady } from "../../../ui/i18n";
import zh from "./zh";

addMessages({ zh, en: () => import("./en") });

/** To be awaited before a screen of this part opens. */
export const ready = messagesReady;
