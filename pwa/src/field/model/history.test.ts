import { describe, expect, it } from "vitest";
import { check, finding } from "../../../tests/field/people";
import { failingInARow, pastChecks } from "./history";

const failing = (id: string, day: string, items: string[]) =>
  check(id, "P029-A1", {
    business_date: day,
    result: items.length > 0 ? "nonconform" : "conform",
    results: ["CL-01", "CL-04"].map((item) => ({
      item,
      result: items.includes(item) ? "nonconform" : "conform",
    })),
  });

describe("the last checks of a unit", () => {
  it("come newest first, three of them, with what became of what failed", () => {
    const checks = [
      failing("a", "2026-11-06", []),
      failing("b", "2026-11-12", ["CL-04"]),
      failing("c", "2026-11-17", []),
      failing("d", "2026-11-09", []),
    ];
    const past = pastChecks(checks, [finding("f", "b", { state: "verified" })]);
    expect(past.map(({ check }) => check.id)).toEqual(["c", "b", "d"]);
    expect(past[1]).toMatchObject({ conforming: 1, applicable: 2, minutes: 5 });
    expect(past[1]?.failed).toEqual([{ item: "CL-04", finding: expect.objectContaining({ id: "f" }) }]);
  });

  it("leaves items that do not apply out of the count, and shows at least a minute", () => {
    const [past] = pastChecks(
      [
        check("a", "P029-A1", {
          started_at: "2026-11-20T09:00:00+08:00",
          ended_at: "2026-11-20T09:00:10+08:00",
          results: [
            { item: "CL-01", result: "conform" },
            { item: "CL-02", result: "not_applicable" },
          ],
        }),
      ],
      [],
    );
    expect(past).toMatchObject({ conforming: 1, applicable: 1, minutes: 1 });
  });
});

describe("failing in a row", () => {
  it("counts from the newest check back to the first that passed", () => {
    const checks = [
      failing("a", "2026-11-06", ["CL-04"]),
      failing("b", "2026-11-09", []),
      failing("c", "2026-11-12", ["CL-04", "CL-01"]),
      failing("d", "2026-11-17", ["CL-04"]),
    ];
    expect(failingInARow(checks)).toEqual([{ item: "CL-04", times: 2 }]);
  });

  it("is nothing once the newest check passed", () => {
    expect(failingInARow([failing("a", "2026-11-06", ["CL-04"]), failing("b", "2026-11-09", [])])).toEqual(
      [],
    );
  });
});
