import type { MessageContext, MessageFunction } from "vue-i18n";

/** A tree of texts; a list of them is plain data. */
export interface Messages {
  [key: string]: string | readonly string[] | Messages;
}

/** A tree whose texts have become functions. */
export interface Compiled {
  [key: string]: MessageFunction<string> | readonly string[] | Compiled;
}

const FORMS = " | ";
const NAME = /\{(\w+)\}/;

/**
 * Makes functions of all texts, so that the library's own compiler (5 kB) stays out of the app. Our texts know two
 * things: `{name}`, and forms for one and for many, parted by ` | `. Lists are plain data.
 */
export function compile(messages: Messages): Compiled {
  const entries = Object.entries(messages).map(([key, value]): [string, Compiled[string]] => {
    if (typeof value === "string") return [key, textOf(value)];
    return [key, Array.isArray(value) ? value : compile(value as Messages)];
  });
  return Object.fromEntries(entries);
}

function textOf(text: string): MessageFunction<string> {
  // Every second part is a name.
  const forms = text.split(FORMS).map((form) => form.split(NAME));
  const fill = (form: string[] | undefined, context: MessageContext<string>) =>
    (form ?? []).map((part, i) => (i % 2 === 0 ? part : String(context.named(part) ?? ""))).join("");
  return (context: MessageContext<string>) => {
    const numbers = forms.map((_, i) => String(i));
    return fill(forms.length > 1 ? forms[Number(context.plural(numbers))] : forms[0], context);
  };
}
