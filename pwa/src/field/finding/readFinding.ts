import type { CheckItem, Finding, Photo } from "../../contract";
import type { Replica, ViewRecord } from "../../store";

/** A finding with what its page shows around it. */
export interface FoundFinding {
  /** Null: not on this device. */
  finding: ViewRecord<Finding> | null;
  item: CheckItem | null;
  photos: { id: string; sha256: string; taken_at: string }[];
  /** Photos that the server has not got, and those it would not take. */
  waiting: number;
  refused: number;
}

export const FINDING_TOPICS = ["finding", "photo", "check_item", "blobs"];

export async function readFinding(replica: Replica, id: string): Promise<FoundFinding> {
  const finding = await replica.queries.record<Finding>(id);
  if (finding === null) return { finding, item: null, photos: [], waiting: 0, refused: 0 };
  const { data } = finding;
  const ids = (data.photos ?? []).flatMap(({ value }) => value ?? []);
  const [known, items] = await Promise.all([
    replica.queries.records<Photo>(ids),
    replica.queries.recordsOfKind<CheckItem>("check_item"),
  ]);
  const item = items.find((row) => row.data.version === data.standard_version && row.data.code === data.item);
  const photos = ids.flatMap((one) => {
    const photo = known.get(one);
    return photo === undefined ? [] : [{ id: one, sha256: photo.data.sha256, taken_at: photo.data.taken_at }];
  });
  const blobs = await Promise.all(photos.map(({ sha256 }) => replica.blobs.info(sha256)));
  return {
    finding,
    item: item?.data ?? null,
    photos,
    waiting: blobs.filter((blob) => blob !== null && blob.state !== "held" && blob.state !== "refused")
      .length,
    refused: blobs.filter((blob) => blob?.state === "refused").length,
  };
}
