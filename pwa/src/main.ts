import "./ui/base.css";
import { createApp } from "vue";
import App from "./App.vue";
import { listenForInstall } from "./field/install";
import { doorsOf } from "./field/model/landing";
import { SHELL, type Shell, tabletFor } from "./field/tablet";
import { appUpdate } from "./field/update";
import { readRoundEarly } from "./field/useRound";
import { makeRouter } from "./router";
import { StorageFull } from "./store";
import { Session } from "./sync/session";
import { Transport } from "./sync/transport";
import { i18n, restoreLocale } from "./ui/i18n";
import NoStorage from "./ui/NoStorage.vue";

// After an upgrade an old page may ask for a chunk that is gone: one reload brings the new page.
const RELOADED = "rounds.reloaded";
window.addEventListener("vite:preloadError", (event) => {
  const last = Number(sessionStorage.getItem(RELOADED) ?? 0);
  if (Date.now() - last < 60_000) return;
  event.preventDefault();
  sessionStorage.setItem(RELOADED, String(Date.now()));
  location.reload();
});

/** Whoever comes to the field app waits for the disk; that waiting begins before the screen is built. */
function beginEarly(shell: Shell): void {
  const facts = shell.session.current.value;
  const path = location.pathname;
  if (facts === null || (path !== "/" && !path.startsWith("/field")) || !doorsOf(facts.roles).field) return;
  tabletFor(shell, facts).then(readRoundEarly, () => undefined);
}

async function start(): Promise<void> {
  listenForInstall();
  await restoreLocale();
  const transport = new Transport();
  const session = await Session.open(transport);
  beginEarly({ transport, session });
  const router = makeRouter(session);
  const app = createApp(App);
  app.provide(SHELL, { transport, session });
  app.use(i18n).use(router);
  await router.isReady();
  app.mount("#app");
  // The first paint comes before the worker that keeps the app for the next start.
  if (import.meta.env.PROD) setTimeout(() => void appUpdate().register(), 0);
}

start().catch((error) => {
  const full = error instanceof StorageFull;
  if (!full) console.error(error);
  createApp(NoStorage, { full }).use(i18n).mount("#app");
});
