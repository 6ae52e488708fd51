import { describe, expect, it } from "vitest";
import { createI18n } from "vue-i18n";
import { compile } from "./compile";

const { global: words } = createI18n({
  legacy: false,
  locale: "en",
  messages: {
    en: compile({
      plain: "All uploaded",
      named: "{done} / {total} · {done}",
      plural: "{n} record | {n} records",
      bar: "a|b {n}",
      deep: { er: "“{a}”" },
      list: ["x", "y"],
    }),
  },
});

describe("compiled texts", () => {
  it("stand as they are, or with what is named put in", () => {
    expect(words.t("plain")).toBe("All uploaded");
    expect(words.t("named", { done: "1,234", total: 5 })).toBe("1,234 / 5 · 1,234");
    expect(words.t("deep.er", { a: "无法拍照" })).toBe("“无法拍照”");
    expect(words.t("named", { done: 0 })).toBe("0 /  · 0");
  });

  it("tell one from many, and none is many", () => {
    expect([0, 1, 2].map((n) => words.t("plural", { n }, n))).toEqual(["0 records", "1 record", "2 records"]);
    expect(words.t("bar", { n: 1 }, 1)).toBe("a|b 1");
  });

  it("leave lists as data, and know what there is", () => {
    expect(words.tm("list")).toEqual(["x", "y"]);
    expect([words.te("deep.er"), words.te("deep.or")]).toEqual([true, false]);
  });
});
