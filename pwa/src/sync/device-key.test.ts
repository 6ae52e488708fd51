import { IDBFactory } from "fake-indexeddb";
import { expect, test } from "vitest";
import { DeviceStore } from "../store/index.ts";
import { DeviceKey, fromBase64url } from "./device-key.ts";

test("the key is made once, stays in the device, and what it signs its public half proves", async () => {
  const factory = new IDBFactory();
  const key = new DeviceKey(new DeviceStore(factory));
  const jwk = await key.publicKey();
  const again = new DeviceKey(new DeviceStore(factory));
  expect(await again.publicKey()).toEqual(jwk);
  expect(Object.keys(jwk).sort()).toEqual(["crv", "kty", "x", "y"]);
  const text = '{"form":"rounds-signature-1","name":"王秀英"}';
  const signature = await again.sign(text);
  expect(signature).toMatch(/^[A-Za-z0-9_-]{86}$/);
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const open = await crypto.subtle.importKey("jwk", { ...jwk }, algorithm, false, ["verify"]);
  const proves = (shown: string) =>
    crypto.subtle.verify(
      { name: "ECDSA", hash: "SHA-256" },
      open,
      fromBase64url(signature),
      new TextEncoder().encode(shown),
    );
  expect(await proves(text)).toBe(true);
  expect(await proves(text.replace("王", "玉"))).toBe(false);
});

test("the private half cannot be taken out", async () => {
  const store = new DeviceStore(new IDBFactory());
  await new DeviceKey(store).publicKey();
  const kept = await store.get<{ private: CryptoKey }>("signing_key");
  expect(kept?.private.extractable).toBe(false);
});

test("without a key nothing is signed", async () => {
  await expect(new DeviceKey(new DeviceStore(new IDBFactory())).sign("{}")).rejects.toThrow("no signing key");
});
