import { expect, test } from "vitest";
import { cacheable, fromNetworkFirst, isForTheServer } from "./start-page.ts";

test("only whole answers that were not redirected are kept", () => {
  expect(cacheable({ status: 200, redirected: false })).toBe(true);
  expect(cacheable({ status: 200, redirected: true })).toBe(false);
  expect(cacheable({ status: 404, redirected: false })).toBe(false);
  expect(cacheable({ status: 206, redirected: false })).toBe(false);
});

test("the server's paths are never answered from the app", () => {
  for (const path of ["/api", "/api/v1/blobs/ab", "/socket.io/"])
    expect(isForTheServer.test(path)).toBe(true);
  for (const path of ["/", "/apiary", "/field/round", "/office/coverage"])
    expect(isForTheServer.test(path)).toBe(false);
});

test("the network's good answer first, else what is kept, else whatever came", async () => {
  const request = new Request("http://rounds.test/office");
  const kept = new Response("kept");
  const asked = (response: Response) => () => Promise.resolve(response);
  const broken = () => Promise.reject(new TypeError("offline"));
  expect(await (await fromNetworkFirst(request, kept, asked(new Response("new")))).text()).toBe("new");
  expect(await fromNetworkFirst(request, kept, asked(new Response("", { status: 502 })))).toBe(kept);
  expect(await fromNetworkFirst(request, kept, broken)).toBe(kept);
  expect((await fromNetworkFirst(request, undefined, asked(new Response("", { status: 502 })))).status).toBe(
    502,
  );
  await expect(fromNetworkFirst(request, undefined, broken)).rejects.toThrow("offline");
});
