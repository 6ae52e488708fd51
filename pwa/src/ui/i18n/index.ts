import { createI18n } from "vue-i18n";
import type { Locale } from "../format";
import zh from "./app.zh";
import { type Compiled, compile, type Messages } from "./compile";

export type { Messages };

type Load = () => Promise<{ default: Messages }>;

const REMEMBERED = "rounds.locale";

export const i18n = createI18n({
  legacy: false,
  locale: "zh-CN" as Locale,
  fallbackLocale: "zh-CN",
  messages: { "zh-CN": {} as Compiled, en: {} as Compiled },
  missingWarn: import.meta.env.DEV,
  fallbackWarn: false,
});

// English waits in chunks of its own until somebody asks for it.
const waiting: Load[] = [];

function merge(language: Locale, messages: Messages): void {
  i18n.global.mergeLocaleMessage(language, compile(messages));
}

/** Takes in one area's messages, both languages complete; English as a chunk to load when it is wanted. */
export function addMessages(area: { zh: Messages; en: Load }): void {
  merge("zh-CN", area.zh);
  waiting.push(area.en);
}

addMessages({ zh, en: () => import("./app.en") });

/** The language on the screen now; reactive. */
export function locale(): Locale {
  return i18n.global.locale.value as Locale;
}

async function loadEnglish(): Promise<void> {
  const loads = waiting.splice(0);
  try {
    for (const part of await Promise.all(loads.map((load) => load()))) merge("en", part.default);
  } catch (error) {
    waiting.push(...loads);
    throw error;
  }
}

/** To be awaited after a lazy part of the app has added its messages: no screen opens half translated. */
export async function messagesReady(): Promise<void> {
  if (locale() === "en") await loadEnglish();
}

/** Changes the language everywhere and remembers it on this device. */
export async function setLocale(next: Locale): Promise<void> {
  if (next === "en") await loadEnglish();
  i18n.global.locale.value = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(REMEMBERED, next);
  } catch {
    // A browser that forbids storage forgets the language, nothing more.
  }
}

/** Brings back the remembered language; Chinese where there is none or its chunk cannot be had. */
export async function restoreLocale(): Promise<void> {
  let kept: string | null = null;
  try {
    kept = localStorage.getItem(REMEMBERED);
  } catch {
    // As above.
  }
  await setLocale(kept === "en" ? "en" : "zh-CN").catch(() => setLocale("zh-CN"));
}
