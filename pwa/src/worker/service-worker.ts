/// <reference lib="webworker" />
import { clientsClaim } from "workbox-core";
import { addPlugins, cleanupOutdatedCaches, matchPrecache, precacheAndRoute } from "workbox-precaching";
import { NavigationRoute, registerRoute } from "workbox-routing";
import { cacheable, fromNetworkFirst, isForTheServer } from "./start-page";

declare const self: ServiceWorkerGlobalScope;

/**
 * Keeps the app's own files for an offline start and answers navigations from them. It touches nothing else: no
 * request to /api is ever answered or stored here, and nothing but GET is looked at.
 */
addPlugins([{ cacheWillUpdate: async ({ response }) => (cacheable(response) ? response : null) }]);
cleanupOutdatedCaches();
precacheAndRoute([...__PRECACHE__], { directoryIndex: "", cleanURLs: false });

const startPage = () => matchPrecache("/");

registerRoute(
  new NavigationRoute(
    async ({ request, url }) => {
      const kept = await startPage();
      // The office works on line and its chunks are not kept, so it wants the newest shell when there is one.
      if (kept === undefined || url.pathname.startsWith("/office")) return fromNetworkFirst(request, kept);
      return kept;
    },
    { denylist: [isForTheServer] },
  ),
);

// An update waits until the page asks for it, which it does only when nothing is unsent.
self.addEventListener("message", (event) => {
  if ((event.data as { type?: unknown } | null)?.type === "SKIP_WAITING") void self.skipWaiting();
});
clientsClaim();
