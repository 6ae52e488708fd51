import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { develop, fitted, MOST_BYTES, type Studio } from "./picture.ts";

/** A studio whose JPEGs weigh `weight(width, height, quality)` bytes. */
function studioOf(
  size: { width: number; height: number },
  weight: (w: number, h: number, q: number) => number,
) {
  const drawn: [number, number, number][] = [];
  let closed = 0;
  let draws = 0;
  let surface = { width: 0, height: 0 };
  const studio: Studio = {
    decode: async (file) => {
      if ((await file.text()).startsWith("no")) throw new DOMException("broken", "InvalidStateError");
      return { ...size, close: () => closed++ };
    },
    draw: (_picture, width, height) => {
      surface = { width, height };
      draws += 1;
    },
    encode: async (quality) => {
      const { width, height } = surface;
      drawn.push([width, height, quality]);
      return new Blob([new Uint8Array(weight(width, height, quality))], { type: "image/jpeg" });
    },
  };
  return { studio, drawn, closed: () => closed, draws: () => draws };
}

test("12 megapixels become 1,600 px at the first quality that fits, and say what they are", async () => {
  const { studio, drawn, closed, draws } = studioOf({ width: 4000, height: 3000 }, (_w, _h, q) =>
    q > 0.7 ? 400_000 : 290_000,
  );
  const picture = await develop(new Blob(["jpeg"]), studio);
  expect(drawn).toEqual([
    [1600, 1200, 0.82],
    [1600, 1200, 0.74],
    [1600, 1200, 0.66],
  ]);
  const bytes = new Uint8Array(await picture.blob.arrayBuffer());
  expect(picture).toMatchObject({ width: 1600, height: 1200, taken_at: null });
  expect(picture.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
  expect([draws(), closed()]).toEqual([1, 1]);
});

test("what no quality makes small enough is drawn smaller", async () => {
  const { studio } = studioOf({ width: 4000, height: 4000 }, (w, h, q) => Math.round(w * h * q * 0.5));
  const { blob, width } = await develop(new Blob(["jpeg"]), studio);
  expect(blob.size).toBeLessThanOrEqual(MOST_BYTES);
  expect(width).toBeLessThan(1600);
});

test("even a picture that nothing makes small ends", async () => {
  const { studio, drawn } = studioOf({ width: 4000, height: 3000 }, () => MOST_BYTES + 1);
  const { width } = await develop(new Blob(["jpeg"]), studio);
  expect(drawn.length).toBeLessThan(60);
  expect(width).toBeGreaterThanOrEqual(300);
});

test("what is no image, too large a file, and too many pixels are refused", async () => {
  const { studio } = studioOf({ width: 10_000, height: 7000 }, () => 1);
  await expect(develop(new Blob(["no image"]), studio)).rejects.toMatchObject({ code: "not_an_image" });
  await expect(develop(new Blob(["jpeg"]), studio)).rejects.toMatchObject({ code: "too_large" });
  const large = { size: 61 * 1024 * 1024 } as Blob;
  await expect(develop(large, studio)).rejects.toMatchObject({ code: "too_large" });
});

test("a picture whose header promises too many pixels is refused before it is decoded", async () => {
  const header = new Uint8Array(24);
  header.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  new DataView(header.buffer).setUint32(16, 50_000);
  new DataView(header.buffer).setUint32(20, 50_000);
  const studio: Studio = {
    decode: () => Promise.reject(new Error("decoded")),
    draw: () => {},
    encode: () => Promise.reject(),
  };
  await expect(develop(new Blob([header]), studio)).rejects.toMatchObject({ code: "too_large" });
});

test("small pictures are never blown up, long ones keep at least a pixel", () => {
  expect(fitted(800, 600, 1600)).toEqual({ width: 800, height: 600 });
  expect(fitted(3000, 4000, 1600)).toEqual({ width: 1200, height: 1600 });
  expect(fitted(20_000, 3, 1600)).toEqual({ width: 1600, height: 1 });
});
