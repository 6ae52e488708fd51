// The keyboard of the desk: digits choose, J and K move, Enter decides. Pure.

export type KeyAct =
  | { readonly act: "choose"; readonly index: number }
  | { readonly act: "next" | "previous" | "confirm" };

export interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  /** An input method is still composing: Enter then picks a word and nothing else. */
  readonly isComposing: boolean;
}

const NOT_TYPED_INTO = ["radio", "checkbox", "button", "submit", "reset"];

/** Whether keys go into this element as text or choose within it. */
export function isTyping(element: Element | null): boolean {
  if (element === null) return false;
  if (element instanceof HTMLElement && element.isContentEditable) return true;
  const name = element.tagName;
  if (name === "INPUT") return !NOT_TYPED_INTO.includes((element as HTMLInputElement).type);
  return name === "TEXTAREA" || name === "SELECT";
}

/** What a key does. `choices`: how many there are, counted from 1. While typing only Ctrl+Enter acts. */
export function keyAct(pressed: Pressed, typing: boolean, choices: number): KeyAct | null {
  if (pressed.isComposing || pressed.altKey) return null;
  if (pressed.key === "Enter" && (pressed.ctrlKey || pressed.metaKey)) return { act: "confirm" };
  if (typing || pressed.ctrlKey || pressed.metaKey) return null;
  if (/^[1-9]$/.test(pressed.key)) {
    const index = Number(pressed.key) - 1;
    return index < choices ? { act: "choose", index } : null;
  }
  const key = pressed.key.toLowerCase();
  if (key === "j") return { act: "next" };
  return key === "k" ? { act: "previous" } : null;
}
