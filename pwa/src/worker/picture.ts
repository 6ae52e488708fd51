import { pixels, takenAt } from "./exif";

/** What comes of a picture; `../sync/images.ts` declares the same for the page's side. */
export interface Picture {
  blob: Blob;
  sha256: string;
  width: number;
  height: number;
  taken_at: string | null;
}

export type Refusal = "not_an_image" | "too_large";

export class PictureRefused extends Error {
  constructor(readonly code: Refusal) {
    super(code);
  }
}

export interface Decoded {
  width: number;
  height: number;
  close(): void;
}

/** A decoder and a surface to draw on; the browser's, or a test's. */
export interface Studio {
  decode(file: Blob): Promise<Decoded>;
  /** Draws the picture at this size; costs more than encoding, so it is done once for each size. */
  draw(picture: Decoded, width: number, height: number): void;
  /** What was drawn, as JPEG. */
  encode(quality: number): Promise<Blob>;
}

export const LONGEST_SIDE = 1600;
export const MOST_BYTES = 300_000;
const MOST_FILE_BYTES = 60 * 1024 * 1024;
const MOST_PIXELS = 60_000_000;
/** Where the header must lie: EXIF comes first, but a thumbnail and maker notes may fill several segments. */
const HEADER_BYTES = 512 * 1024;
const QUALITIES = [0.82, 0.74, 0.66, 0.58, 0.5];
const SHRINK = 0.8;
const SMALLEST_SIDE = 320;

/** The size that fits into the longest side, never larger than it is. */
export function fitted(width: number, height: number, longest: number): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/**
 * Reads the time first (drawing drops it, as it drops the place, which is wanted), then draws and encodes: at most
 * 1,600 px and 300 kB, quality first, size when quality alone does not do. Throws `PictureRefused`.
 */
export async function develop(file: Blob, studio: Studio): Promise<Picture> {
  if (file.size > MOST_FILE_BYTES) throw new PictureRefused("too_large");
  const header = new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer());
  if ((pixels(header) ?? 0) > MOST_PIXELS) throw new PictureRefused("too_large");
  const decoded = await studio.decode(file).catch(() => {
    throw new PictureRefused("not_an_image");
  });
  try {
    if (decoded.width * decoded.height > MOST_PIXELS) throw new PictureRefused("too_large");
    const { blob, width, height } = await encode(decoded, studio);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
    const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return { blob, sha256, width, height, taken_at: takenAt(header) };
  } finally {
    decoded.close();
  }
}

async function encode(decoded: Decoded, studio: Studio) {
  for (let longest = LONGEST_SIDE; ; longest *= SHRINK) {
    const { width, height } = fitted(decoded.width, decoded.height, longest);
    studio.draw(decoded, width, height);
    for (const quality of QUALITIES) {
      const blob = await studio.encode(quality);
      const last = quality === QUALITIES.at(-1) && longest * SHRINK < SMALLEST_SIDE;
      if (blob.size <= MOST_BYTES || last) return { blob, width, height };
    }
  }
}
