import type { RouteRecordRaw } from "vue-router";
import { addMessages } from "../ui/i18n";
import "./field.css";
import FieldShell from "./FieldShell.vue";
import RoundScreen from "./round/RoundScreen.vue";
import UnitPane from "./unit/UnitPane.vue";
import zh from "./words/zh";

addMessages({ zh, en: () => import("./words/en") });

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
      {
        path: "finding/:id",
        name: "finding",
        component: () => import("./finding/FindingScreen.vue"),
        props: true,
      },
      { path: "tablet", name: "tablet", component: () => import("./device/TabletScreen.vue") },
    ],
  },
];
