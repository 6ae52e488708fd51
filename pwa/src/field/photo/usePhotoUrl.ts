import { onScopeDispose, type Ref, ref, watch } from "vue";
import { useTablet } from "../tablet";

/** Where a picture can be shown from: this device, else the server, else nowhere now. */
export interface PhotoSource {
  url: string | null;
  from: "here" | "server" | "none";
}

const serverUrl = (sha256: string, full: boolean) => `/api/v1/blobs/${sha256}${full ? "" : "?size=thumb"}`;

/**
 * Address of a photo's bytes; those of the server are its thumbnail or the whole (`full`). Call `failed` when the
 * server's picture does not come: then it cannot be had now.
 */
export function usePhotoUrl(sha256: () => string, full: () => boolean = () => false) {
  const { replica } = useTablet();
  const source = ref<PhotoSource | null>(null);
  let held: string | null = null;
  let asked = 0;

  function release(): void {
    if (held !== null) URL.revokeObjectURL(held);
    held = null;
  }
  async function look(): Promise<void> {
    const mine = ++asked;
    const name = sha256();
    const bytes = await replica.blobs.bytes(name).catch(() => null);
    if (mine !== asked) return;
    release();
    if (bytes !== null) held = URL.createObjectURL(bytes);
    source.value =
      held === null ? { url: serverUrl(name, full()), from: "server" } : { url: held, from: "here" };
  }
  watch([sha256, full], () => void look(), { immediate: true });
  onScopeDispose(() => {
    asked += 1;
    release();
  });
  const failed = () => {
    source.value = { url: null, from: "none" };
  };
  return { source: source as Readonly<Ref<PhotoSource | null>>, failed };
}
