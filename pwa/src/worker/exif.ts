/**
 * Reads from a picture's first bytes what resizing loses or what must be known before decoding: when it was taken
 * (EXIF 2.32, DateTimeOriginal and OffsetTimeOriginal) and how large it unfolds. Anything odd reads as "not known".
 */

const EXIF_POINTER = 0x8769;
const TAKEN = 0x9003;
const DIGITIZED = 0x9004;
const TAKEN_OFFSET = 0x9011;
const DIGITIZED_OFFSET = 0x9012;
const ASCII = 2;
const MOST_ENTRIES = 512;

/** Cameras that note no offset are set to the business zone. */
const DEFAULT_OFFSET = "+08:00";

/** Segments of a JPEG up to the picture data: marker and content. */
function* segments(bytes: Uint8Array): Generator<{ marker: number; content: Uint8Array }> {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return;
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) return;
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    if (length < 2) return;
    yield { marker, content: bytes.subarray(at + 4, at + 2 + length) };
    at += 2 + length;
  }
}

function isExif(content: Uint8Array): boolean {
  return String.fromCharCode(...content.subarray(0, 6)) === "Exif\0\0";
}

/** A TIFF block: entries of image file directories, in either byte order. */
class Tiff {
  private readonly view: DataView;
  private readonly little: boolean;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.little = bytes[0] === 0x49;
  }

  firstDirectory(): number {
    return this.long(4);
  }

  /** Where the 12 bytes of an entry begin, or null. */
  entry(directory: number, tag: number): number | null {
    const count = Math.min(this.short(directory), MOST_ENTRIES);
    for (let i = 0; i < count; i++) {
      const at = directory + 2 + 12 * i;
      if (this.short(at) === tag) return at;
    }
    return null;
  }

  text(entry: number): string | null {
    if (this.short(entry + 2) !== ASCII) return null;
    const length = this.long(entry + 4);
    const start = length <= 4 ? entry + 8 : this.long(entry + 8);
    if (length > 64 || start + length > this.bytes.length) return null;
    return String.fromCharCode(...this.bytes.subarray(start, start + length)).replace(/\0.*$/s, "");
  }

  long(at: number): number {
    return at + 4 <= this.bytes.length ? this.view.getUint32(at, this.little) : 0;
  }

  private short(at: number): number {
    return at + 2 <= this.bytes.length ? this.view.getUint16(at, this.little) : 0;
  }
}

/** When the picture was taken, RFC 3339 with offset, or null. `bytes`: the beginning of the file. */
export function takenAt(bytes: Uint8Array): string | null {
  for (const { marker, content } of segments(bytes)) {
    if (marker !== 0xe1 || !isExif(content)) continue;
    const tiff = new Tiff(content.subarray(6));
    const pointer = tiff.entry(tiff.firstDirectory(), EXIF_POINTER);
    if (pointer === null) return null;
    const directory = tiff.long(pointer + 8);
    const text = (tag: number) => {
      const entry = tiff.entry(directory, tag);
      return entry === null ? null : tiff.text(entry);
    };
    return instant(text(TAKEN), text(TAKEN_OFFSET)) ?? instant(text(DIGITIZED), text(DIGITIZED_OFFSET));
  }
  return null;
}

/** `2026:11:23 09:12:33` with `+08:00` as an instant; null for cameras without a clock and other nonsense. */
export function instant(time: string | null, offset: string | null): string | null {
  const parts = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/.exec(time?.trim() ?? "");
  if (parts === null) return null;
  const [, year, month, day, hour, minute, second] = parts;
  const zone = /^[+-]\d\d:\d\d$/.test(offset?.trim() ?? "") ? (offset ?? "").trim() : DEFAULT_OFFSET;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  // Date carries 31 February over into March; read back, it is another day.
  const utc = new Date(`${local}Z`);
  if (Number.isNaN(utc.getTime()) || utc.toISOString().slice(0, 19) !== local) return null;
  return Number.isNaN(Date.parse(local + zone)) || Number(year) < 1990 ? null : local + zone;
}

/** Width times height as the header of a JPEG or PNG says, or null for other kinds. */
export function pixels(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length >= 24 && view.getUint32(0) === 0x89504e47) return view.getUint32(16) * view.getUint32(20);
  for (const { marker, content } of segments(bytes)) {
    const frame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (!frame || content.length < 5) continue;
    return (((content[1] ?? 0) << 8) | (content[2] ?? 0)) * (((content[3] ?? 0) << 8) | (content[4] ?? 0));
  }
  return null;
}
