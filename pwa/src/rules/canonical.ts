/** Canonical JSON (RFC 8785) for what a device signs: twin of `sync/canonical.py`, same bytes on both sides. */

const LARGEST = Number.MAX_SAFE_INTEGER;
// A high surrogate without its low one, or a low one alone.
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Sorted keys, no spaces. Throws for what another language might write otherwise, see `checkSignable`. */
export function canonical(value: unknown): string {
  checkSignable(value);
  return write(value);
}

/**
 * Throws `RangeError` for fractions, integers beyond 2^53, lone surrogates, and keys that are not ASCII (whose order
 * in UTF-16 is not their order in Python).
 */
export function checkSignable(value: unknown): void {
  if (value === null || typeof value === "boolean") return;
  if (typeof value === "string") {
    if (LONE_SURROGATE.test(value)) throw new RangeError("a lone surrogate cannot be signed");
  } else if (typeof value === "number") {
    if (!Number.isInteger(value) || Math.abs(value) > LARGEST)
      throw new RangeError(`${value} cannot be signed`);
  } else if (Array.isArray(value)) {
    for (const item of value) checkSignable(item);
  } else if (typeof value === "object") {
    for (const [key, item] of Object.entries(value)) {
      if (!isAscii(key)) throw new RangeError(`key ${key} is not ASCII text`);
      checkSignable(item);
    }
  } else throw new RangeError(`${typeof value} cannot be signed`);
}

function isAscii(text: string): boolean {
  return [...text].every((letter) => letter.charCodeAt(0) < 128);
}

function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${write(item)}`).join(",")}}`;
  }
  // -0 is 0 in JSON.
  return JSON.stringify(Object.is(value, -0) ? 0 : value);
}
