import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { IDBFactory } from "fake-indexeddb";
import type { Component, ShallowRef } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { ready } from "../../src/field/following/words";
import { fieldRoutes } from "../../src/field/routes";
import { SHELL, TABLET, type Tablet } from "../../src/field/tablet";
import { DeviceStore } from "../../src/store";
import { Observable, type Outcome, type SessionFacts, type SyncStatus } from "../../src/sync";
import { i18n } from "../../src/ui/i18n";
import { deviceAt } from "./device";
import { LEAD } from "./people";

/** A server that a test answers for. */
export interface Answers {
  get(path: string): Promise<Outcome<unknown>>;
  post(path: string, body: unknown): Promise<Outcome<unknown>>;
}
export const OFFLINE: Outcome<never> = { kind: "offline", cause: "network" };
export const offline: Answers = { get: async () => OFFLINE, post: async () => OFFLINE };

const FACTS: SessionFacts = {
  user: { id: LEAD, username: "t07", name: LEAD },
  device: "tablet-07",
  spaces: [
    { space: "qyl", name: "青砚里住宅小区", name_en: "Qingyanli", type: "project" },
    { space: "xq", name: "溪桥公寓", name_en: "Xiqiao", type: "project" },
  ],
  roles: { qyl: ["team_lead"] },
};

const NOTHING = { render: () => null };
/** Every address of the field app, with nothing behind it: a screen is mounted by itself. */
const ROUTES = fieldRoutes
  .flatMap(({ children = [] }) => children)
  .flatMap((route) => [route, ...(route.children ?? [])])
  .filter(({ name }) => name !== undefined)
  .map(({ path, name }) => ({ path: `/${path}`, name: name as string, component: NOTHING }));

export interface Bench {
  tablet: Tablet;
  store: DeviceStore;
  show(screen: Component, props?: Record<string, unknown>): Promise<VueWrapper>;
  close(): Promise<void>;
}

/** A tablet over IndexedDB in memory, on which screens are shown; `answers` stands for the server. */
export async function bench(now: () => number, answers: Answers = offline): Promise<Bench> {
  const store = new DeviceStore(new IDBFactory());
  const session = { store, current: new Observable<SessionFacts | null>(FACTS) };
  const tablet = await deviceAt(now);
  await withFigures(tablet);
  const shown: VueWrapper[] = [];
  await ready();
  return {
    tablet,
    store,
    async show(screen, props = {}) {
      const router = createRouter({ history: createMemoryHistory(), routes: ROUTES });
      const provide = { [SHELL as symbol]: { transport: answers, session }, [TABLET as symbol]: tablet };
      const wrapper = mount(screen, {
        props,
        global: { provide, plugins: [i18n, router] },
        attachTo: document.body,
      });
      shown.push(wrapper);
      await flushPromises();
      return wrapper;
    },
    async close() {
      for (const one of shown) one.unmount();
      store.close();
      await tablet.close();
    },
  };
}

/** Keeps the figures of the status as the sync's board does. */
async function withFigures({ status, replica }: Tablet): Promise<void> {
  const read = async () => {
    const [parked, healed, backlog] = await Promise.all([
      replica.outbox.list(["parked", "aside"]),
      replica.outbox.healed(),
      replica.outbox.backlog(),
    ]);
    const figures: Partial<SyncStatus> = { phase: "idle", reason: null, photos: [], parked, healed, backlog };
    (status as ShallowRef<Partial<SyncStatus>>).value = figures;
  };
  await read();
  replica.subscribe(() => void read().catch(() => undefined));
}
