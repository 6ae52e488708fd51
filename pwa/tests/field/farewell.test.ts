// @vitest-environment happy-dom
import { flushPromises, mount } from "@vue/test-utils";
import { IDBFactory, IDBKeyRange } from "fake-indexeddb";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import { farewellNote } from "../../src/field/signin/farewell";
import SignIn from "../../src/field/signin/SignIn.vue";
import { SHELL } from "../../src/field/tablet";
import { DeviceStore } from "../../src/store";
import {
  type Farewell,
  Session,
  type ShutOut,
  type SignIn as SignInOutcome,
  Transport,
} from "../../src/sync";
import "../../src/field/routes";
import { i18n, setLocale } from "../../src/ui/i18n";

Object.assign(globalThis, { IDBKeyRange });
afterEach(() => setLocale("zh-CN"));

const NONE = { commits: 0, photos: 0 };
const told = (cause: ShutOut, part: Partial<Farewell> = {}): Farewell => ({
  cause,
  user: { name: "何桂兰", username: "t07" },
  at: Date.parse("2026-11-23T09:12:00+08:00"),
  handed: NONE,
  forfeited: NONE,
  drafts: { count: 0, kept: false },
  ...part,
});

async function note(
  farewell: Farewell | null,
  cause: ShutOut = farewell?.cause ?? "device",
): Promise<string> {
  const page = mount(await farewellNote(), { props: { cause, farewell }, global: { plugins: [i18n] } });
  return page.text();
}

describe("why somebody was shut out", () => {
  it.each([
    ["device", "这台平板已被停用", "请换一台平板继续工作。要恢复这台平板，请找系统管理员。"],
    ["account", "账号 t07（何桂兰）已被停用", "其他同事仍可用自己的账号在这台平板登录。"],
    ["stopped", "这台平板或账号 t07 已被停用", "请找系统管理员问明原因"],
    ["lost", "这台平板已报失", "请交给系统管理员"],
    ["no_role", "何桂兰 现在没有任何检查或后台职责", "请找系统管理员重新分配职责"],
  ] as const)("%s: what happened and whom to ask", async (cause, title, todo) => {
    const text = await note(told(cause));
    expect(text).toContain(title);
    expect(text).toContain(todo);
    await setLocale("en");
    await (await import("../../src/ui/i18n")).messagesReady();
    expect(await note(told(cause, { user: { name: "He", username: "t07" } }))).not.toMatch(
      /[\u4e00-\u9fff]|farewell\./,
    );
  });

  it("counts what was handed in and says who decides about it", async () => {
    const text = await note(
      told("device", { handed: { commits: 3, photos: 2 }, drafts: { count: 1, kept: false } }),
    );
    expect(text).toContain("清除之前已交给后台：3 条记录、2 张照片");
    expect(text).toContain("由同步复核员决定接收还是作废");
    expect(text).toContain("没有做完的检查 1 份，已随之清除。");
    expect(await note(told("device"))).toContain("没有待交的内容");
  });

  it("a lost tablet says what went with it, and claims nothing of handing in", async () => {
    const text = await note(
      told("lost", { forfeited: { commits: 2, photos: 1 }, drafts: { count: 1, kept: false } }),
    );
    expect(text).toContain("没来得及上传、已随之清除：2 条记录、1 张照片、1 份没有做完的检查");
    expect(text).not.toContain("交给后台");
  });

  it("whose duty may come back finds the begun checks again", async () => {
    const text = await note(told("no_role", { drafts: { count: 2, kept: true } }));
    expect(text).toContain("没有做完的检查 2 份，仍留在本机");
    expect(text).not.toContain("何桂兰 的资料已从本机清除");
  });
});

describe("the sign-in page", () => {
  async function page(kept: Farewell | null, outcome: SignInOutcome = { kind: "wrong" }) {
    const store = new DeviceStore(new IDBFactory());
    const transport = new Transport({ fetch: async () => new Response('{"demo":false}', { status: 200 }) });
    const session = await Session.open(transport, store);
    if (kept !== null) await session.shutOut(new Map([["he", 7]]), kept);
    vi.spyOn(session, "signIn").mockResolvedValue(outcome);
    const routes = [{ path: "/", component: SignIn }];
    const router = createRouter({ history: createMemoryHistory(), routes });
    const global = { plugins: [i18n, router], provide: { [SHELL as symbol]: { session, transport } } };
    const shown = mount(SignIn, { global, attachTo: document.body });
    await flushPromises();
    const signIn = async () => {
      await shown.find("#username").setValue("t07");
      await shown.find("#password").setValue("demo");
      await shown.find("form").trigger("submit");
      await flushPromises();
    };
    return { shown, signIn };
  }

  it("tells it after a restart, also after a wrong password; nothing where nobody was shut out", async () => {
    const { shown, signIn } = await page(told("account", { handed: { commits: 1, photos: 0 } }));
    await vi.waitFor(() => expect(shown.text()).toContain("账号 t07（何桂兰）已被停用"));
    await signIn();
    expect(shown.text()).toContain("账号或密码不对");
    expect(shown.text()).toContain("清除之前已交给后台：1 条记录");
    const quiet = await page(null);
    expect(quiet.shown.find(".farewell").exists()).toBe(false);
  });

  it.each([
    [false, "这台平板已被停用"],
    [true, "这台平板已报失"],
  ])("a tablet that is shut out says so to whoever tries (lost: %s)", async (now, title) => {
    const { shown, signIn } = await page(null, { kind: "wiped", now });
    await signIn();
    await vi.waitFor(() => expect(shown.text()).toContain(title));
    expect(shown.text()).not.toContain("服务器出错");
  });
});
