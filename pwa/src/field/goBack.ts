import type { RouteLocationRaw, Router } from "vue-router";

/**
 * To the screen above, whose addresses are `targets`: by the browser's back where one of them lies behind, so that
 * history does not grow and the list is where it was; else in place of this page.
 */
export function goBack(router: Router, ...targets: [RouteLocationRaw, ...RouteLocationRaw[]]): void {
  const before: unknown = window.history.state?.back;
  const known = targets.map((target) => router.resolve(target).fullPath);
  if (typeof before === "string" && known.includes(before)) router.back();
  else void router.replace(targets[0]);
}
