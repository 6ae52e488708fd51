// @vitest-environment happy-dom

import type { VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Component, defineComponent, h } from "vue";
import { KINDS } from "../../src/contract";
import ParkedSection from "../../src/field/device/ParkedSection.vue";
import PeopleSection from "../../src/field/device/PeopleSection.vue";
import SettledSection from "../../src/field/device/SettledSection.vue";
import PinScreen from "../../src/field/following/PinScreen.vue";
import { useLiveRound } from "../../src/field/useRound";
import type { Reason, Result } from "../../src/store";
import { makeCommit, type Outcome } from "../../src/sync";
import { setLocale } from "../../src/ui/i18n";
import { pull } from "./device";
import { at, CLEANER, check, finding, LEAD, project } from "./people";
import { type Bench, bench, OFFLINE } from "./screen";

const NOW = at("2026-11-23T09:12:00");
let desk: Bench;
let answer: Outcome<unknown>;

beforeEach(async () => {
  answer = OFFLINE;
  desk = await bench(() => NOW, { get: async () => OFFLINE, post: async () => answer });
  const checks = [check("c1", "P029-A1")];
  await pull(desk.tablet.replica, project({ checks, findings: [finding("f1", "c1")] }));
});
afterEach(async () => {
  await setLocale("zh-CN");
  await desk.close();
});

/** A section with the round around it, as the page gives it. */
function section(shown: Component): Promise<VueWrapper> {
  const page = defineComponent(() => {
    useLiveRound();
    return () => h(shown);
  });
  return desk.show(page);
}

/** Saves a note on the finding and lets the server say what became of it. */
async function noted(note: string): Promise<string> {
  const { replica } = desk.tablet;
  const seen = await replica.queries.record("f1");
  if (seen === null) throw new Error("no finding");
  const { commit } = await replica.save(
    makeCommit("qyl", [{ op: "patch", seen, set: { note, class: "GEN", attribution: "team" } }], {
      kinds: KINDS,
    }),
  );
  return commit;
}
async function settle(commit: string, reason: Reason | null): Promise<void> {
  const status = reason === null ? "applied" : "parked";
  const result: Result = { commit, status, replayed: false, seqs: {}, conflicts: [], reason };
  await desk.tablet.replica.outbox.settle({ space: "qyl", epoch: "e1", results: [result] });
}
const DISCARDED: Reason = {
  code: "discarded",
  detail: { was: "forbidden", by: LEAD, at: "2026-11-23T09:00:00.000+08:00", reason: "重复登记" },
};

describe("what became of parked work", () => {
  it("a discarded one says who, when and why, what was in it, and goes when it was read", async () => {
    const commit = await noted("当班已擦净");
    await settle(commit, { code: "forbidden" });
    const parked = await section(ParkedSection);
    await vi.waitFor(() => expect(parked.text()).toContain("你的职责不包括这项操作。"));
    await settle(commit, DISCARDED);
    const page = await section(SettledSection);
    await vi.waitFor(() => expect(page.text()).toContain("何桂兰 作废，理由：重复登记"));
    expect(page.text()).toContain("11月23日 周一 09:00 由");
    expect(page.find("details").text()).toContain("当班已擦净");
    expect(page.find("details").text()).toContain("班组管理责任");
    expect(parked.find("section").exists()).toBe(false);

    await page.find(".settled-read").trigger("click");
    await vi.waitFor(() => expect(page.find("section").exists()).toBe(false));
    expect(await desk.tablet.replica.outbox.list(["parked"])).toEqual([]);
  });

  it("one that was taken in after all says that it is settled; what still waits cannot be put away", async () => {
    const [first, second] = [await noted("一"), await noted("二")];
    for (const commit of [first, second]) await settle(commit, { code: "forbidden" });
    await settle(first, null);
    const page = await section(SettledSection);
    await vi.waitFor(() => expect(page.text()).toContain("已处理好，服务器已接收"));
    expect(page.findAll(".work")).toHaveLength(1);
    const parked = await section(ParkedSection);
    expect(parked.findAll(".work")).toHaveLength(1);
    expect(parked.find("button").exists()).toBe(false);

    await page.find(".settled-read").trigger("click");
    await vi.waitFor(() => expect(page.find("section").exists()).toBe(false));
    expect(await desk.tablet.replica.outbox.healed()).toEqual([]);
    expect((await desk.tablet.replica.outbox.list(["parked"])).map(({ id }) => id)).toEqual([second]);
  });

  it("an old server's word without a time still says who and why", async () => {
    const commit = await noted("三");
    await settle(commit, { code: "forbidden" });
    await settle(commit, { code: "discarded", detail: { by: LEAD, reason: "重复" } });
    const page = await section(SettledSection);
    await vi.waitFor(() => expect(page.text()).toContain("何桂兰 复核后作废，理由：重复"));
  });
});

describe("signing PINs", () => {
  it("are offered for each project of this person, by its name, and for no other", async () => {
    const page = await desk.show(PeopleSection);
    await vi.waitFor(() => expect(page.text()).toContain("我的签字密码 · 青砚里住宅小区"));
    expect(page.text()).not.toContain("溪桥公寓");
    expect(page.findAll('a[href^="/pin/"]')).toHaveLength(1);
    await setLocale("en");
    await vi.waitFor(() => expect(page.text()).toContain("My signing PIN · Qingyanli"));
  });

  async function refusedWith(outcome: Outcome<unknown>): Promise<string> {
    answer = outcome;
    const page = await desk.show(PinScreen, { space: "qyl", person: CLEANER });
    await page.find("#code").setValue("12345678");
    await page.find("#fresh").setValue("271828");
    await page.find("#again").setValue("271828");
    await page.find("form").trigger("submit");
    await vi.waitFor(() => expect(page.find("[role=alert]").exists()).toBe(true));
    return page.find("[role=alert]").text();
  }
  const refused = (status: number, code: string): Outcome<never> => ({
    kind: "refused",
    status,
    problem: { code, message: "", message_en: "" },
  });

  it.each([
    [
      "a wrong proof",
      refused(403, "pin_not_proven"),
      "设定码或原密码不对，没有改动",
      "新的设定码请向主管或系统管理员领取",
    ],
    ["an easy PIN", refused(422, "pin_trivial"), "这个密码太容易猜，请换一个", "不要用生日"],
    ["a lock", refused(423, "pin_locked"), "连错五次，已锁定", "请主管或系统管理员在后台解除锁定"],
    ["no network", OFFLINE, "没有网络，不能设置", "请到有网络的地方再试"],
    ["too many tries", { kind: "limited", wait: 60_000 }, "试得太频繁", "请等几分钟再试"],
    ["what has no words of its own", refused(400, "invalid"), "没有设置成功", "（invalid）"],
    ["a broken server", { kind: "failed", status: 500, problem: null }, "没有设置成功", "（500）"],
  ] as [string, Outcome<unknown>, string, string][])(
    "%s is said in words, with what to do",
    async (_, outcome, title, todo) => {
      const told = await refusedWith(outcome);
      expect(told).toContain(title);
      expect(told).toContain(todo);
    },
  );
});
