import { beforeEach, expect, test } from "vitest";
import { AppUpdate, type ContainerLike, type RegistrationLike } from "./update.ts";

let unsent: number;
let reloads: number;
let posted: unknown[];
let registration: RegistrationLike;
let takeOver: () => void;
let foundNew: () => void;
let update: AppUpdate;

beforeEach(async () => {
  unsent = 0;
  reloads = 0;
  posted = [];
  registration = {
    waiting: null,
    installing: null,
    addEventListener: (_type, listener) => {
      foundNew = listener;
    },
    update: async () => undefined,
  };
  const container: ContainerLike = {
    controller: {},
    register: async (address, options) => {
      expect([address, options]).toEqual(["/service-worker.js", { scope: "/" }]);
      return registration;
    },
    addEventListener: (_type, listener) => {
      takeOver = listener;
    },
  };
  update = new AppUpdate({ container, reload: () => reloads++, unsent: async () => unsent });
  await update.register();
});

const arrive = () => {
  registration.waiting = { postMessage: (message) => posted.push(message) };
};

test("a new version waits while anything is unsent, and says so", async () => {
  expect(update.state.value).toBe("none");
  arrive();
  unsent = 3;
  await update.look();
  expect(update.state.value).toBe("waiting");
  expect(await update.apply()).toBe(false);
  expect(posted).toEqual([]);
  unsent = 0;
  await update.look();
  expect(update.state.value).toBe("ready");
  expect(await update.apply()).toBe(true);
  expect(posted).toEqual([{ type: "SKIP_WAITING" }]);
  takeOver();
  expect(reloads).toBe(1);
});

test("what became unsent between the offer and the tap holds it back", async () => {
  arrive();
  await update.look();
  expect(update.state.value).toBe("ready");
  unsent = 1;
  expect(await update.apply()).toBe(false);
  expect(update.state.value).toBe("waiting");
});

test("the first worker taking over does not reload the page", () => {
  takeOver();
  expect(reloads).toBe(0);
});

test("a version that is found while the page is open is offered when it has been installed", async () => {
  let changed = () => {};
  registration.installing = {
    state: "installing",
    addEventListener: (_type, listener) => {
      changed = listener;
    },
  };
  foundNew();
  arrive();
  changed();
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(update.state.value).toBe("ready");
});

test("without service workers, or when registering fails, the app goes on", async () => {
  const none = new AppUpdate({ container: null, unsent: async () => 0 });
  await none.register();
  expect(none.state.value).toBe("none");
  const failing = new AppUpdate({
    container: {
      controller: null,
      register: () => Promise.reject(new Error("no")),
      addEventListener: () => {},
    },
    unsent: async () => 0,
  });
  await failing.register();
  await failing.check();
  expect(failing.state.value).toBe("none");
});
