import type { Component } from "vue";
import type { RouteRecordRaw } from "vue-router";
import { addMessages } from "../ui/i18n";
import "./field.css";
import FieldShell from "./FieldShell.vue";
import RoundScreen from "./round/RoundScreen.vue";
import UnitPane from "./unit/UnitPane.vue";
import zh from "./words/zh";

addMessages({ zh, en: () => import("./words/en") });

/** A screen of what follows a finding; its words come with it. */
function following(path: string, name: string, load: () => Promise<unknown>): RouteRecordRaw[] {
  const component = async () => {
    const [{ ready }, screen] = await Promise.all([import("./following/words"), load()]);
    await ready();
    return screen as { default: Component };
  };
  return [{ path, name, component, props: true }];
}

/** Screens of the tablet. All of them are kept for offline start; the round is in the first chunk. */
export const fieldRoutes: RouteRecordRaw[] = [
  {
    path: "/field",
    component: FieldShell,
    children: [
      {
        path: "",
        component: RoundScreen,
        children: [
          { path: "", name: "round", component: UnitPane },
          { path: "unit/:unit", name: "unit", component: UnitPane, props: true },
        ],
      },
      { path: "check/:unit", name: "check", component: () => import("./check/CheckScreen.vue"), props: true },
      {
        path: "saved/:check",
        name: "saved",
        component: () => import("./check/SavedScreen.vue"),
        props: true,
      },
      ...following("finding/:id", "finding", () => import("./finding/FindingScreen.vue")),
      ...following("finding/:id/evaluate", "evaluate", () => import("./following/EvaluateScreen.vue")),
      ...following("finding/:id/sign", "sign", () => import("./following/SignScreen.vue")),
      ...following("finding/:id/correct", "correct", () => import("./following/CorrectScreen.vue")),
      ...following("finding/:id/verify", "verify", () => import("./following/VerifyScreen.vue")),
      ...following("pin/:space/:person", "pin", () => import("./following/PinScreen.vue")),
      ...following("conflicts", "conflicts", () => import("./following/ConflictsScreen.vue")),
      ...following("tablet", "tablet", () => import("./device/TabletScreen.vue")),
    ],
  },
];
