import type { RouteRecordRaw } from "vue-router";
import { addMessages } from "../ui/i18n";
import zh from "./messages.zh.ts";

addMessages({ zh, en: () => import("./messages.en.ts") });

const review = () => import("./review/ReviewPage.vue");

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
      // One screen behind four addresses: moving from one to another keeps the list as it is.
      { path: "review", name: "office-review", component: review },
      { path: "review/conflict/:conflict", name: "office-conflict", component: review, props: true },
      { path: "review/parked/:parked", name: "office-parked", component: review, props: true },
      { path: "review/quarantine/:device", name: "office-quarantine", component: review, props: true },
      { path: "devices", name: "office-devices", component: () => import("./devices/DevicesPage.vue") },
      { path: "accounts", name: "office-accounts", component: () => import("./devices/AccountsPage.vue") },
      {
        path: "pins/:space?",
        name: "office-pins",
        component: () => import("./pins/PinsPage.vue"),
        props: true,
      },
    ],
  },
];
