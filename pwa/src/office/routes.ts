import type { RouteRecordRaw } from "vue-router";
import { addMessages } from "../ui/i18n";
import zh from "./messages.zh.ts";

// biome-ignore lint/suspicious/noExplicitAny: the message trees hold a list (CSV header), which is plain data
addMessages({ zh: zh as any, en: () => import("./messages.en.ts") as any });

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
