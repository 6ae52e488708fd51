/** Fills an array with random bytes; `crypto.getRandomValues` in the product, a seeded one in tests. */
export type RandomBytes = (bytes: Uint8Array<ArrayBuffer>) => void;

const cryptoRandom: RandomBytes = (bytes) => void crypto.getRandomValues(bytes);

/**
 * Maker of UUIDv7 (RFC 9562) in lower case. Ids of one maker rise strictly, also within a millisecond and when the
 * clock steps back: the 12 bits after the time count up, and on overflow the time is carried forward.
 */
export function uuid7Maker(now: () => number, random: RandomBytes = cryptoRandom): () => string {
  let lastTime = -1;
  let counter = 0;
  return () => {
    const bytes = new Uint8Array(16);
    random(bytes);
    const time = Math.max(Math.floor(now()), lastTime);
    if (time > lastTime) {
      // Half of the range stays free for counting up within this millisecond.
      counter = (((bytes[6] ?? 0) << 8) | (bytes[7] ?? 0)) & 0x7ff;
    } else {
      counter += 1;
    }
    lastTime = time;
    if (counter > 0xfff) {
      lastTime += 1;
      counter = 0;
    }
    return format(bytes, lastTime, counter);
  };
}

function format(bytes: Uint8Array, time: number, counter: number): string {
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(time / 2 ** (8 * (5 - i))) & 0xff;
  bytes[6] = 0x70 | (counter >> 8);
  bytes[7] = counter & 0xff;
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** A UUIDv7 from the device's clock; only the id's uniqueness and rough order hang on it. */
export const uuid7: () => string = uuid7Maker(() => Date.now());
