import { ref } from "vue";
import { StorageFull } from "../../store";
import { PhotoFailure, preparePhoto, uuid7, zoned } from "../../sync";
import type { DraftPhoto } from "../model/draft";
import type { Tablet } from "../tablet";

export type PhotoProblem = "no_room" | "not_an_image" | "too_large" | "failed" | "twice" | "too_many";

/** So many photos of an item keep the largest check within one commit. */
export const MOST_PHOTOS = 12;

type Source = DraftPhoto["source"];

/** Photos of one item or correction on their way from camera or file into what is being filled in. */
export class PhotoDesk {
  /** Photos that are being made ready. */
  readonly busy = ref(0);
  readonly problem = ref<PhotoProblem | null>(null);

  constructor(
    private readonly tablet: Tablet,
    /** How many photos there are where these go, and which bytes are used already. */
    private readonly around: { count: () => number; used: () => readonly string[] },
    /** Takes each photo that is ready; its bytes are on the disk. */
    private readonly found: (photo: DraftPhoto) => void,
  ) {}

  /** May a photo be taken? Asked before it is taken, not after. */
  async room(): Promise<boolean> {
    const camera = await this.tablet.replica.room.camera();
    this.problem.value = camera ? null : "no_room";
    return camera;
  }

  async take(files: readonly Blob[], source: Source): Promise<void> {
    if (files.length === 0 || !(await this.room())) return;
    const left = MOST_PHOTOS - this.around.count() - this.busy.value;
    if (files.length > left) this.problem.value = "too_many";
    const taken = files.slice(0, Math.max(0, left));
    this.busy.value += taken.length;
    for (const file of taken) await this.one(file, source);
  }

  private async one(file: Blob, source: Source): Promise<void> {
    const seenAt = Date.now();
    try {
      const photo = await ready(this.tablet, file, source, seenAt);
      if (this.around.used().includes(photo.sha256)) this.problem.value = "twice";
      else this.found(photo);
    } catch (error) {
      this.problem.value = told(error);
    } finally {
      this.busy.value -= 1;
    }
  }
}

/** Resized in the worker, bytes on the disk before the draft names them. Throws `PhotoFailure` or `StorageFull`. */
async function ready(
  tablet: Tablet,
  file: Blob,
  source: DraftPhoto["source"],
  seenAt: number,
): Promise<DraftPhoto> {
  const { blob, sha256, width, height, taken_at } = await preparePhoto(file);
  await tablet.replica.blobs.put(blob);
  // A file tells when it was last changed; a camera's picture is from now.
  const changed = file instanceof File && source === "file" ? file.lastModified : seenAt;
  return {
    id: uuid7(),
    sha256,
    mime: "image/jpeg",
    bytes: blob.size,
    width,
    height,
    taken_at: taken_at ?? zoned(changed),
    source,
  };
}

function told(error: unknown): PhotoProblem {
  if (error instanceof StorageFull) return "no_room";
  if (error instanceof PhotoFailure) return error.code;
  console.error(error);
  return "failed";
}
