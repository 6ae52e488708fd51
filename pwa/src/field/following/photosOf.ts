import type { Photo } from "../../contract";
import type { ViewRecord } from "../../store";

/** Photos as a strip shows them; those that are not on this device are left out. */
export function photosOf(ids: readonly string[], known: ReadonlyMap<string, ViewRecord<Photo>>) {
  return ids.flatMap((id) => {
    const photo = known.get(id);
    return photo === undefined ? [] : [{ id, sha256: photo.data.sha256, taken_at: photo.data.taken_at }];
  });
}
