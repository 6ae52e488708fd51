/** Why the store refuses. `code` is what screens translate; `kept` says that nothing saved before was lost. */
export class StoreFailure extends Error {
  constructor(
    readonly code: "storage_full" | "commit_too_large" | "blob_missing" | "busy" | "closed",
    message: string,
  ) {
    super(message);
    this.name = "StoreFailure";
  }
}

/** The device has no room left; nothing that was saved is lost, and the draft of this save is still there. */
export class StorageFull extends StoreFailure {
  constructor() {
    super("storage_full", "the device's storage is full; nothing saved was lost");
    this.name = "StorageFull";
  }
}

/** More than 200 changes or 256 KB in one commit; checked before anything is written. */
export class CommitTooLarge extends StoreFailure {
  constructor(
    readonly changes: number,
    readonly bytes: number,
  ) {
    super(
      "commit_too_large",
      `a commit holds at most 200 changes and 256 KB, this one ${changes} and ${bytes} bytes`,
    );
    this.name = "CommitTooLarge";
  }
}

/** True for the error that browsers raise when an origin's quota is used up. */
export function isQuotaError(error: unknown): boolean {
  return (error as { name?: string } | null)?.name === "QuotaExceededError";
}
