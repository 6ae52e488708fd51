import { onScopeDispose, type Ref, ref, watch } from "vue";
import { useTablet } from "../tablet";

/** Where a picture can be shown from: this device, else the server, else nowhere now. */
export interface PhotoSource {
  url: string | null;
  from: "here" | "server" | "none";
}

/** Address of a photo's bytes; those of the server are its thumbnail or the whole (`full`). */
export function usePhotoUrl(
  sha256: () => string,
  full: () => boolean = () => false,
): {
  source: Readonly<Ref<PhotoSource | null>>;
  /** The server's picture did not come: say that it cannot be had now. */
  failed(): void;
} {
  const { replica } = useTablet();
  const source = ref<PhotoSource | null>(null);
  let held: string | null = null;
  let asked = 0;

  function release(): void {
    if (held !== null) URL.revokeObjectURL(held);
    held = null;
  }
  async function look(): Promise<void> {
    asked += 1;
    const mine = asked;
    const name = sha256();
    const bytes = await replica.blobs.bytes(name).catch(() => null);
    if (mine !== asked) return;
    release();
    if (bytes !== null) {
      held = URL.createObjectURL(bytes);
      source.value = { url: held, from: "here" };
    } else {
      source.value = { url: `/api/v1/blobs/${name}${full() ? "" : "?size=thumb"}`, from: "server" };
    }
  }
  watch([sha256, full], () => void look(), { immediate: true });
  onScopeDispose(() => {
    asked += 1;
    release();
  });
  return {
    source,
    failed() {
      source.value = { url: null, from: "none" };
    },
  };
}
