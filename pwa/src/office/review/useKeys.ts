import { onScopeDispose } from "vue";
import { isTyping, type KeyAct, keyAct } from "./keys.ts";

/** Hands what keys ask for to `take`, wherever the focus is, except in an open dialog. */
export function useKeys(choices: () => number, take: (act: KeyAct) => boolean): void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const act = keyAct(event, isTyping(document.activeElement), choices());
    if (act !== null && take(act)) event.preventDefault();
  };
  window.addEventListener("keydown", onKey);
  onScopeDispose(() => window.removeEventListener("keydown", onKey));
}
