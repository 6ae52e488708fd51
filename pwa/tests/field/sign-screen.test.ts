// @vitest-environment happy-dom
import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Finding, KINDS, type Signature } from "../../src/contract";
import IdentifySigner from "../../src/field/following/IdentifySigner.vue";
import PinPad from "../../src/field/following/PinPad.vue";
import SignaturePad from "../../src/field/following/SignaturePad.vue";
import SignScreen from "../../src/field/following/SignScreen.vue";
import type { ViewRecord } from "../../src/store";
import { makeCommit } from "../../src/sync";
import { base64url, DeviceKey } from "../../src/sync/device-key";
import type { Verifier } from "../../src/sync/pins";
import { pull } from "./device";
import { at, CLEANER, check, finding, LEAD, project, view } from "./people";
import { type Answers, type Bench, bench, OFFLINE } from "./screen";

const NOW = at("2026-11-23T09:12:00");
const PIN = "271828";
const STROKES = [[[100, 200, 0]]];
const NAMED: Partial<Finding> = {
  state: "evaluated",
  class: "GEN",
  attribution: "personal",
  responsible_person: CLEANER,
  disposition: "correct_by",
  due_at: "2026-11-24T18:00:00+08:00",
  present: "present",
};

let server: Verifier[] | null;
let hanging = false;
/** Milliseconds that an answer takes. */
let slowness = 0;
const answers: Answers = {
  get: async () => {
    if (hanging) return new Promise(() => {});
    await new Promise((done) => setTimeout(done, slowness));
    return server === null ? OFFLINE : { kind: "ok", value: { people: server } };
  },
  post: async () => OFFLINE,
};
let desk: Bench;

beforeEach(async () => {
  hanging = false;
  slowness = 0;
  server = [await verifier(1)];
  desk = await bench(() => NOW, answers);
  const checks = [check("c1", "P029-A1")];
  await pull(desk.tablet.replica, project({ checks, findings: [finding("f1", "c1", NAMED)] }));
  await new DeviceKey(desk.store).publicKey();
});
afterEach(() => desk.close());

async function verifier(version: number, pin = PIN): Promise<Verifier> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const material = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, [
    "deriveBits",
  ]);
  const iterations = 1000;
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations },
    material,
    256,
  );
  return {
    person: CLEANER,
    version,
    iterations,
    salt: base64url(salt),
    verifier: base64url(new Uint8Array(bits)),
  };
}

const patched = async (set: Partial<Finding>) => {
  const seen = (await desk.tablet.replica.queries.record<Finding>("f1")) as ViewRecord<Finding>;
  await desk.tablet.replica.save(makeCommit("qyl", [{ op: "patch", seen, set }], { kinds: KINDS }));
};
const signatures = () => desk.tablet.replica.queries.recordsOfKind<Signature>("signature");
const board = (page: VueWrapper) => page.findComponent(SignaturePad);
const seen = (page: VueWrapper, text: string) => vi.waitFor(() => expect(page.text()).toContain(text));

async function open(): Promise<VueWrapper> {
  const page = await desk.show(SignScreen, { id: "f1" });
  await seen(page, "请 王小燕 阅读以下内容");
  await vi.waitFor(() => expect(page.findComponent(PinPad).exists()).toBe(true));
  return page;
}

async function enter(page: VueWrapper, pin = PIN): Promise<void> {
  await vi.waitFor(() => expect(page.find(".pin-key").attributes("disabled")).toBeUndefined());
  for (const digit of pin) await page.find(`[aria-label="数字 ${digit}"]`).trigger("click");
}

async function identify(page: VueWrapper): Promise<void> {
  await page.find<HTMLInputElement>(".sheet-read input").setValue(true);
  await enter(page);
  await vi.waitFor(() => expect(board(page).exists()).toBe(true));
}

async function finish(page: VueWrapper): Promise<void> {
  await page.find("form").trigger("submit");
  await flushPromises();
}

describe("what is shown changes under the signer's eyes (X-07)", () => {
  it("takes back handwriting, reading and PIN; nothing of before is signed", async () => {
    const page = await open();
    await identify(page);
    board(page).vm.$emit("change", STROKES);
    const before = page.findComponent(IdentifySigner).vm.$.uid;

    await patched({ description: "顶角蛛网三处" });
    await seen(page, "内容刚刚有更新，请重新阅读。");
    expect(page.find<HTMLInputElement>(".sheet-read input").element.checked).toBe(false);
    expect(board(page).exists()).toBe(false);
    expect(page.findComponent(IdentifySigner).vm.$.uid).not.toBe(before);
    await finish(page);
    expect(page.text()).toContain("请确认已阅读");
    await page.find<HTMLInputElement>(".sheet-read input").setValue(true);
    await finish(page);
    expect(page.text()).toContain("请输入签字密码");
    await vi.waitFor(() => expect(page.findComponent(PinPad).exists()).toBe(true));
    await identify(page);
    await finish(page);
    expect(page.text()).toContain("请签名");
    expect(await signatures()).toEqual([]);

    board(page).vm.$emit("change", STROKES);
    await finish(page);
    await vi.waitFor(async () => expect(await signatures()).toHaveLength(1));
    const [made] = await signatures();
    expect(JSON.parse(made?.data.snapshot ?? "").findings[0].description).toBe("顶角蛛网三处");
  });

  it("takes back a typed name too", async () => {
    const page = await open();
    await identify(page);
    await page.find(".handwriting > .btn").trigger("click");
    await page.find("#typed-name").setValue(CLEANER);
    await patched({ class: "SER" });
    await seen(page, "内容刚刚有更新");
    await vi.waitFor(() => expect(page.findComponent(PinPad).exists()).toBe(true));
    await identify(page);
    expect(page.find("#typed-name").exists()).toBe(false);
    await finish(page);
    expect(page.text()).toContain("请签名");
    expect(await signatures()).toEqual([]);
  });

  it("leaves all as it is when something else changes, such as the deadline", async () => {
    const page = await open();
    await identify(page);
    await patched({ due_at: "2026-11-30T18:00:00+08:00", disposition: "redo" });
    await patched({ description: "顶角蛛网两处" });
    await flushPromises();
    expect(page.text()).not.toContain("内容刚刚有更新");
    expect(board(page).exists()).toBe(true);
    board(page).vm.$emit("change", STROKES);
    await finish(page);
    await vi.waitFor(async () => expect(await signatures()).toHaveLength(1));
  });
});

describe("who signs", () => {
  const identifier = (signer = CLEANER) =>
    desk.show(IdentifySigner, { space: "qyl", signer: { id: signer, name: signer }, back: "/field" });
  const again = () =>
    desk.show(IdentifySigner, { space: "qyl", signer: { id: CLEANER, name: CLEANER }, back: "/field" });
  /** The verifiers that the server had at the first opening lie on this tablet. */
  const fetched = async () => {
    const page = await identifier();
    await vi.waitFor(async () => expect(await desk.store.get(`pins:${LEAD}:qyl`)).not.toBeNull());
    page.unmount();
  };
  const ready = (page: VueWrapper) =>
    vi.waitFor(() => expect(page.findComponent(PinPad).exists()).toBe(true));
  const known = (page: VueWrapper) => vi.waitFor(() => expect(page.emitted("known")).toEqual([[2]]));

  it("a PIN set anew in the office works at once, though an older one is known here", async () => {
    await fetched();
    server = [await verifier(2, "314159")];
    // The digits are there before the answer is.
    slowness = 400;
    const page = await again();
    await ready(page);
    await enter(page, "314159");
    await known(page);
  });

  it("without network, and with a network that never answers, the PIN known here is checked all the same", async () => {
    await fetched();
    server = null;
    const page = await again();
    await ready(page);
    await enter(page);
    await vi.waitFor(() => expect(page.emitted("known")).toEqual([[1]]));

    hanging = true;
    const slow = await again();
    await ready(slow);
    const begun = performance.now();
    await enter(slow);
    await vi.waitFor(() => expect(slow.emitted("known")).toEqual([[1]]), { timeout: 4000 });
    expect(performance.now() - begun).toBeLessThan(3000);
  });

  it("five failures lock, and the screen says who lifts the lock; a newer version opens it by itself", async () => {
    const more = project();
    const people = more.people.map((one) =>
      one.id === CLEANER ? { ...one, data: { ...one.data, superior: "姚春燕" } } : one,
    );
    const yao = view("person", "姚春燕", {
      name: "姚春燕",
      title: "环境部主管",
      grade: "mid_level" as const,
      active: true,
    });
    const role = view("role_assignment", "r1", {
      person: "姚春燕",
      role: "supervisor",
      starts_on: "2026-11-01",
    });
    await pull(desk.tablet.replica, { ...more, people: [...people, yao], roles: [role] } as never);
    const page = await identifier();
    await ready(page);
    for (let left = 4; left > 0; left -= 1) {
      await enter(page, "111111");
      await seen(page, `还可以试 ${left} 次`);
    }
    await enter(page, "111111");
    await seen(page, "王小燕 的签字密码连错五次，已锁定。");
    await seen(page, "请姚春燕（环境部主管）或系统管理员在后台解除锁定");
    expect(page.find("a.btn").attributes("href")).toContain("/pin/qyl/");
    expect(page.findComponent(PinPad).exists()).toBe(false);

    server = [await verifier(2)];
    const later = await again();
    await ready(later);
    await enter(later);
    await known(later);
  });
});
