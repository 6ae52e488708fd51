import { type Ref, ref } from "vue";
import { StorageFull } from "../../store";
import { PhotoFailure, preparePhoto, uuid7, zoned } from "../../sync";
import { type CheckDraft, type DraftPhoto, itemOf } from "../model/draft";
import { type Tablet, useTablet } from "../tablet";

export type PhotoProblem = "no_room" | "not_an_image" | "too_large" | "failed" | "twice" | "too_many";

/** So many photos of an item keep the largest check within one commit. */
export const MOST_PHOTOS = 12;

export interface Photos {
  /** Photos that are being made ready. */
  readonly busy: Readonly<Ref<number>>;
  readonly problem: Ref<PhotoProblem | null>;
  /** May a photo be taken? Asked before it is taken, not after. */
  room(): Promise<boolean>;
  /** Makes photos ready, keeps their bytes, and hands each over. */
  take(
    files: readonly Blob[],
    source: DraftPhoto["source"],
    found: (photo: DraftPhoto) => void,
  ): Promise<void>;
}

/** Photos of one item on their way from camera or file into the draft. */
export function usePhotos(draft: () => CheckDraft, code: () => string): Photos {
  const tablet = useTablet();
  const busy = ref(0);
  const problem = ref<PhotoProblem | null>(null);

  async function room(): Promise<boolean> {
    const { camera } = await tablet.replica.room.facts();
    if (!camera) problem.value = "no_room";
    return camera;
  }

  async function one(
    file: Blob,
    source: DraftPhoto["source"],
    found: (photo: DraftPhoto) => void,
  ): Promise<void> {
    const seenAt = Date.now();
    busy.value += 1;
    try {
      const photo = await ready(tablet, file, source, seenAt);
      const known = Object.values(draft().items).some(({ photos }) =>
        photos.some((p) => p.sha256 === photo.sha256),
      );
      if (known) problem.value = "twice";
      else found(photo);
    } catch (error) {
      problem.value = told(error);
    } finally {
      busy.value -= 1;
    }
  }

  return {
    busy,
    problem,
    room,
    async take(files, source, found) {
      problem.value = null;
      if (files.length === 0 || !(await room())) return;
      const left = MOST_PHOTOS - itemOf(draft(), code()).photos.length - busy.value;
      if (files.length > left) problem.value = "too_many";
      for (const file of files.slice(0, Math.max(0, left))) await one(file, source, found);
    },
  };
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
