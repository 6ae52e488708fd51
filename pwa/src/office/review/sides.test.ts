import { describe, expect, it } from "vitest";
import { photosBySide, type Side } from "./sides.ts";

type Photos = Parameters<typeof photosBySide>[1];

const side = (change: string, author: string | null) =>
  ({ change, value: null, signed: [], ...(author ? { author: { id: author, name: author } } : {}) }) as Side;
const photo = (id: string, author: string) =>
  ({ id, author: { id: author, name: author } }) as Photos[number];
const none = () => [];
const ids = (photos: readonly { id: string }[] | undefined) => photos?.map(({ id }) => id);

describe("photos side by side", () => {
  it("stand with whoever took them, what is nobody's apart", () => {
    const { of, rest } = photosBySide(
      [side("a", "he"), side("b", "han")],
      [photo("1", "he"), photo("2", "han"), photo("3", "luo")],
      none,
    );
    expect([ids(of.get("a")), ids(of.get("b")), ids(rest)]).toEqual([["1"], ["2"], ["3"]]);
  });

  it("stand apart where one person entered both values, or nobody knows who", () => {
    const { of, rest } = photosBySide(
      [side("a", "he"), side("b", "he"), side("c", null)],
      [photo("1", "he")],
      none,
    );
    expect([ids(of.get("a")), ids(of.get("b")), ids(of.get("c")), ids(rest)]).toEqual([[], [], [], ["1"]]);
  });

  it("stand with the value that names them, whoever took them", () => {
    const { of, rest } = photosBySide(
      [side("a", "he"), side("b", "han")],
      [photo("1", "he"), photo("2", "he")],
      ({ change }) => (change === "a" ? ["1"] : ["1", "2"]),
    );
    expect([ids(of.get("a")), ids(of.get("b")), ids(rest)]).toEqual([["1"], ["1", "2"], []]);
  });
});
