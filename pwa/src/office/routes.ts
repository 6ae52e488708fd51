import type { RouteRecordRaw } from "vue-router";
import { addMessages } from "../ui/i18n";
import zh from "./messages.zh.ts";

addMessages({ zh, en: () => import("./messages.en.ts") });

/** Screens of the back office, mounted lazily below `/office`. */
export const routes: RouteRecordRaw[] = [
  {
    path: "/office",
    component: () => import("./OfficeShell.vue"),
    children: [
      { path: "", name: "office-home", component: () => import("./OfficeHome.vue") },
      { path: "projects", name: "office-projects", component: () => import("./ProjectsPage.vue") },
      {
        path: "coverage/:space",
        name: "office-coverage",
        component: () => import("./coverage/CoverageBoard.vue"),
        props: true,
      },
    ],
  },
];
