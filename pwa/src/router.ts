import { createRouter, createWebHistory, type RouteLocationNormalized, type Router } from "vue-router";
import { doorsOf, landingOf } from "./field/model/landing";
import { fieldRoutes } from "./field/routes";
import type { Session } from "./sync";
import { messagesReady } from "./ui/i18n";

/** The addresses of both apps. `/office` and its screens arrive with the first visit there. */
export function makeRouter(session: Session): Router {
  const router = createRouter({
    history: createWebHistory(),
    routes: [
      { path: "/", name: "home", redirect: () => landingOf(session.current.value?.roles ?? {}) },
      { path: "/signin", name: "signin", component: () => import("./field/signin/SignIn.vue") },
      { path: "/no-role", name: "no-role", component: () => import("./field/signin/NoRole.vue") },
      ...fieldRoutes,
      { path: "/:rest(.*)*", name: "not-found", component: () => import("./field/NotFound.vue") },
    ],
  });
  let officeMounted = false;

  router.beforeEach(async (to) => {
    const facts = session.current.value;
    if (to.name === "signin") return true;
    if (facts === null) return { name: "signin", query: startsAnywhere(to) ? {} : { to: to.fullPath } };
    if (isBelow(to, "/field") && !doorsOf(facts.roles).field) return landingOf(facts.roles);
    if (!isBelow(to, "/office")) return true;
    if (!doorsOf(facts.roles).office) return landingOf(facts.roles);
    if (officeMounted) return true;
    const { routes } = await import("./office/routes");
    await messagesReady();
    for (const route of routes) router.addRoute(route);
    officeMounted = true;
    return to.fullPath;
  });
  return router;
}

/** Nobody asked for a certain screen: where to begin follows from the roles, which are known after signing in. */
function startsAnywhere(to: RouteLocationNormalized): boolean {
  return to.path === "/" || to.redirectedFrom?.path === "/";
}

function isBelow(to: RouteLocationNormalized, path: string): boolean {
  return to.path === path || to.path.startsWith(`${path}/`);
}
