import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { instant, pixels, takenAt } from "./exif.ts";

interface Entry {
  tag: number;
  text?: string;
  pointer?: true;
  type?: number;
}

/** A JPEG beginning with an EXIF block, written by the book; offsets count from the TIFF header. */
function jpegWith(entries: Entry[], { little = true, before = new Uint8Array() } = {}): Uint8Array {
  const tiff = new DataView(new ArrayBuffer(1024));
  const write16 = (at: number, value: number) => tiff.setUint16(at, value, little);
  const write32 = (at: number, value: number) => tiff.setUint32(at, value, little);
  write16(0, little ? 0x4949 : 0x4d4d);
  if (!little) tiff.setUint16(0, 0x4d4d);
  write16(2, 42);
  write32(4, 8);
  write16(8, 1);
  write16(10, 0x8769);
  write16(12, 4);
  write32(14, 1);
  write32(18, 26);
  write16(26, entries.length);
  let free = 26 + 2 + entries.length * 12 + 4;
  entries.forEach(({ tag, text = "", type = 2 }, i) => {
    const at = 28 + i * 12;
    const bytes = [...`${text}\0`].map((letter) => letter.charCodeAt(0));
    write16(at, tag);
    write16(at + 2, type);
    write32(at + 4, bytes.length);
    const start = bytes.length <= 4 ? at + 8 : free;
    if (bytes.length > 4) {
      write32(at + 8, free);
      free += bytes.length;
    }
    bytes.forEach((byte, j) => {
      tiff.setUint8(start + j, byte);
    });
  });
  const content = [...new TextEncoder().encode("Exif\0\0"), ...new Uint8Array(tiff.buffer, 0, free)];
  return jpeg([...segment(0xe0, before), ...segment(0xe1, content)]);
}

function segment(marker: number, content: ArrayLike<number>): number[] {
  const length = content.length + 2;
  return [0xff, marker, length >> 8, length & 0xff, ...Array.from(content)];
}

function jpeg(segments: number[]): Uint8Array {
  return new Uint8Array([0xff, 0xd8, ...segments, 0xff, 0xda, 0, 0]);
}

const TIME = { tag: 0x9003, text: "2026:11:23 09:12:33" };

describe("when a photo was taken", () => {
  test.each([true, false])("with the camera's own offset (little-endian: %s)", (little) => {
    const bytes = jpegWith([TIME, { tag: 0x9011, text: "+09:00" }], { little });
    expect(takenAt(bytes)).toBe("2026-11-23T09:12:33+09:00");
  });

  test("without an offset it is the business zone's time", () => {
    expect(takenAt(jpegWith([TIME]))).toBe("2026-11-23T09:12:33+08:00");
  });

  test("the time of digitising stands in where the camera noted nothing else", () => {
    const digitised = { tag: 0x9004, text: "2026:11:22 08:00:00" };
    expect(takenAt(jpegWith([digitised]))).toBe("2026-11-22T08:00:00+08:00");
    expect(takenAt(jpegWith([TIME, digitised]))).toBe("2026-11-23T09:12:33+08:00");
  });

  test("other segments may come before", () => {
    expect(takenAt(jpegWith([TIME], { before: new Uint8Array(60_000).fill(0xff) }))).toBe(
      "2026-11-23T09:12:33+08:00",
    );
  });

  test.each([
    ["0000:00:00 00:00:00"],
    ["    :  :     :  :  "],
    ["2026:02:31 09:00:00"],
    ["2026:13:01 09:00:00"],
    ["2026:11:23 25:00:00"],
    ["1970:01:01 00:00:00"],
    ["2026-11-23 09:12:33"],
    [""],
  ])("'%s' is no time", (text) => {
    expect(takenAt(jpegWith([{ tag: 0x9003, text }]))).toBeNull();
  });

  test("an entry of another type is not read as text", () => {
    expect(takenAt(jpegWith([{ ...TIME, type: 7 }]))).toBeNull();
  });

  test("a picture without EXIF, and what is no picture", () => {
    expect(takenAt(jpeg(segment(0xe0, [1, 2, 3])))).toBeNull();
    expect(takenAt(new TextEncoder().encode("not a picture"))).toBeNull();
    expect(takenAt(new Uint8Array())).toBeNull();
  });

  test("damaged bytes never throw and never give nonsense", () => {
    const whole = jpegWith([TIME, { tag: 0x9011, text: "+08:00" }]);
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(damage, fc.nat(whole.length), (changes, length) => {
        const bytes = whole.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        const taken = takenAt(bytes);
        if (taken !== null) expect(Number.isNaN(Date.parse(taken))).toBe(false);
        const size = pixels(bytes);
        if (size !== null) expect(size).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

test("an offset that is none is taken for the business zone's", () => {
  expect(instant("2026:11:23 09:12:33", "   :  ")).toBe("2026-11-23T09:12:33+08:00");
  expect(instant("2026:11:23 09:12:33", "-03:30")).toBe("2026-11-23T09:12:33-03:30");
  expect(instant("2026:11:23 09:12:33", "+99:00")).toBeNull();
});

describe("how large a picture unfolds", () => {
  test("JPEG, after its other segments", () => {
    const frame = segment(0xc2, [8, 0x0b, 0xb8, 0x0f, 0xa0, 3]);
    expect(pixels(jpeg([...segment(0xe0, [0]), ...segment(0xc4, [9, 9, 9, 9, 9]), ...frame]))).toBe(
      3000 * 4000,
    );
  });

  test("PNG", () => {
    const bytes = new Uint8Array(24);
    bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    new DataView(bytes.buffer).setUint32(16, 50_000);
    new DataView(bytes.buffer).setUint32(20, 50_000);
    expect(pixels(bytes)).toBe(2_500_000_000);
  });

  test("others are not known", () => {
    expect(pixels(new TextEncoder().encode("GIF89a and so on and so on"))).toBeNull();
  });
});
