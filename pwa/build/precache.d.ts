/**
 * What the service worker keeps for offline start; put in by build/service-worker.ts at build time.
 * `revision` is null where the address already carries a content hash.
 */
declare const __PRECACHE__: ReadonlyArray<{ url: string; revision: string | null }>;
