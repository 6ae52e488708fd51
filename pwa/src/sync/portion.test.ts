import { expect, test } from "vitest";
import { Portion } from "./portion.ts";

const ok = { kind: "ok", value: null } as const;
const slow = { kind: "offline", cause: "timeout" } as const;
const away = { kind: "offline", cause: "network" } as const;

test("halved by timeouts down to the least, doubled after eight answers in a row up to the most", () => {
  const portion = new Portion(1000, 200);
  const sizes = [slow, slow, slow, slow].map((outcome) => {
    portion.learn(outcome);
    return portion.size;
  });
  expect(sizes).toEqual([500, 250, 200, 200]);
  for (let i = 0; i < 7; i++) portion.learn(ok);
  expect(portion.size).toBe(200);
  portion.learn(ok);
  expect(portion.size).toBe(400);
  for (let i = 0; i < 40; i++) portion.learn(ok);
  expect(portion.size).toBe(1000);
});

test("no network says nothing about its speed", () => {
  const portion = new Portion(1000, 200);
  portion.learn(away);
  expect(portion.size).toBe(1000);
});
