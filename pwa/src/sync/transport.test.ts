import { expect, test } from "vitest";
import { type Outcome, retryAfter, Transport } from "./transport.ts";

const NOW = Date.parse("2026-11-23T01:00:00Z");

function answering(status: number, body: string, headers: Record<string, string> = {}) {
  const calls: [string, RequestInit][] = [];
  const transport = new Transport({
    now: () => NOW,
    fetch: async (address, init) => {
      calls.push([String(address), init ?? {}]);
      return new Response(status === 204 ? null : body, { status, headers });
    },
  });
  return { transport, calls };
}

const outcomes: [string, number, string, Record<string, string>, Outcome<unknown>][] = [
  ["an answer", 200, '{"a":1}', {}, { kind: "ok", value: { a: 1 } }],
  ["nothing to say", 204, "", {}, { kind: "ok", value: undefined }],
  ["a portal's page", 200, "<html>", {}, { kind: "offline", cause: "portal" }],
  ["a session that ended", 401, "{}", {}, { kind: "unauthorised" }],
  ["too many", 429, "{}", { "Retry-After": "12" }, { kind: "limited", wait: 12_000 }],
  ["a server in maintenance", 503, "", {}, { kind: "limited", wait: 5000 }],
  ["a gateway without its server", 502, "<html>", {}, { kind: "offline", cause: "gateway" }],
  ["a revoked device", 403, '{"wipe":true}', {}, { kind: "wiped", now: false }],
  [
    "a revoked device, by name",
    403,
    '{"code":"wipe","wipe":true,"detail":{"wipe":true,"of":"device"}}',
    {},
    { kind: "wiped", now: false, of: "device" },
  ],
  [
    "a disabled account",
    403,
    '{"code":"wipe","wipe":true,"detail":{"wipe":true,"of":"account"}}',
    {},
    { kind: "wiped", now: false, of: "account" },
  ],
  [
    "a wipe of nobody knows what",
    403,
    '{"code":"wipe","detail":{"wipe":true,"of":7}}',
    {},
    { kind: "wiped", now: false },
  ],
  ["a lost device", 403, '{"wipe":"now"}', {}, { kind: "wiped", now: true }],
  ["a lost device, by code", 403, '{"code":"wipe_now"}', {}, { kind: "wiped", now: true }],
  ["a wipe in the details", 403, '{"code":"x","detail":{"wipe":"now"}}', {}, { kind: "wiped", now: true }],
  ["no right", 403, '{"code":"forbidden"}', {}, refused(403, "forbidden")],
  ["no right, wipe denied", 403, '{"code":"forbidden","wipe":false}', {}, refused(403, "forbidden")],
  ["history that moved", 410, '{"code":"gone"}', {}, refused(410, "gone")],
  ["an old app", 426, "", {}, { kind: "refused", status: 426, problem: null }],
  ["a broken server", 500, "oops", {}, { kind: "failed", status: 500, problem: null }],
];

function refused(status: number, code: string): Outcome<unknown> {
  return { kind: "refused", status, problem: { code, message: "", message_en: "", detail: undefined } };
}

test.each(outcomes)("%s", async (_name, status, body, headers, expected) => {
  const { transport } = answering(status, body, headers);
  expect(await transport.get("/x")).toEqual(expected);
});

test("nobody there, and nobody in time", async () => {
  const broken = new Transport({ fetch: () => Promise.reject(new TypeError("failed to fetch")) });
  expect(await broken.get("/x")).toEqual({ kind: "offline", cause: "network" });
  const silent = new Transport({
    timeout: 20,
    fetch: (_address, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      }),
  });
  expect(await silent.get("/x")).toEqual({ kind: "offline", cause: "timeout" });
});

test("a connection that breaks while the answer is read counts as no answer", async () => {
  const body = new ReadableStream({ start: (controller) => controller.error(new TypeError("reset")) });
  const transport = new Transport({ fetch: async () => new Response(body, { status: 200 }) });
  expect(await transport.get("/x")).toEqual({ kind: "offline", cause: "network" });
});

test("requests carry the cookie of this origin, follow no redirect, and name themselves when they write", async () => {
  const { transport, calls } = answering(200, "{}");
  await transport.get("/sync/qyl/pull", { since: 3, epoch: "e 1" });
  await transport.post("/sync/qyl/push", { commits: [] });
  const [[address, get], [, post]] = calls as [[string, RequestInit], [string, RequestInit]];
  expect(address).toBe("/api/v1/sync/qyl/pull?since=3&epoch=e+1");
  expect(get).toMatchObject({
    method: "GET",
    credentials: "same-origin",
    redirect: "error",
    cache: "no-store",
  });
  expect(get.headers).not.toHaveProperty("X-Rounds-Client");
  expect(post).toMatchObject({ method: "POST", body: '{"commits":[]}', redirect: "error" });
  expect(post.headers).toMatchObject({ "X-Rounds-Client": "1", "Content-Type": "application/json" });
});

test("how long to wait: seconds, a date, nothing, nonsense, and never over an hour", () => {
  expect(retryAfter("3", NOW)).toBe(3000);
  expect(retryAfter("0", NOW)).toBe(0);
  expect(retryAfter("Mon, 23 Nov 2026 01:00:30 GMT", NOW)).toBe(30_000);
  expect(retryAfter("Mon, 23 Nov 2026 00:00:00 GMT", NOW)).toBe(0);
  expect(retryAfter(null, NOW)).toBe(5000);
  expect(retryAfter("soon", NOW)).toBe(5000);
  expect(retryAfter("99999", NOW)).toBe(3_600_000);
});
