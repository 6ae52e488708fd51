import { describe, expect, it } from "vitest";
import {
  dayOf,
  formatBytes,
  formatClock,
  formatDay,
  formatDayTime,
  formatNumber,
  formatSpan,
} from "./format";

describe("days and times in the business zone", () => {
  it("reads a moment as Shanghai does, whatever the device's zone", () => {
    expect(formatDayTime("2026-11-23T01:12:40Z", "zh-CN")).toBe("11月23日 周一 09:12");
    expect(formatDayTime("2026-11-23T09:12:40+08:00", "en")).toBe("Mon 23 Nov 09:12");
    expect(formatClock(Date.parse("2026-11-23T01:15:24Z"))).toBe("09:15:24");
  });

  it("changes the day at midnight of that zone", () => {
    expect(dayOf("2026-11-23T15:59:59Z")).toBe("2026-11-23");
    expect(dayOf("2026-11-23T16:00:00Z")).toBe("2026-11-24");
  });

  it("names the year only where it is another one", () => {
    expect(formatDay("2025-12-31", "zh-CN", "2026-01-01")).toBe("2025年12月31日 周三");
    expect(formatDay("2025-12-31", "en", "2026-01-01")).toBe("Wed 31 Dec 2025");
    expect(formatDay("2026-12-31", "zh-CN", "2026-01-01")).toBe("12月31日 周四");
  });
});

describe("amounts", () => {
  it("groups thousands", () => {
    expect([0, 999, 1234, 1234567].map(formatNumber)).toEqual(["0", "999", "1,234", "1,234,567"]);
  });

  it("keeps bytes short", () => {
    expect(formatBytes(512)).toBe("1 KB");
    expect(formatBytes(340 * 1024)).toBe("340 KB");
    expect(formatBytes(1.25 * 1024 * 1024)).toBe("1.3 MB");
    expect(formatBytes(25 * 1024 * 1024)).toBe("25 MB");
    expect(formatBytes(999.6 * 1024)).toBe("1.0 MB");
  });

  it("shows the two largest parts of a length of time", () => {
    expect(formatSpan(192_000, "zh-CN")).toBe("3 分 12 秒");
    expect(formatSpan(7_500_000, "en")).toBe("2 h 5 min");
    expect(formatSpan(86_400_000, "zh-CN")).toBe("1 天");
    expect(formatSpan(-5, "zh-CN")).toBe("0 秒");
  });
});
