import { computed, type Ref, ref } from "vue";

interface InstallPrompt extends Event {
  prompt(): Promise<void>;
}

const offered = ref<InstallPrompt | null>(null);
const installed = ref(false);

/** Listens for the browser's offer; called once, early, because it comes only once. */
export function listenForInstall(): void {
  installed.value =
    window.matchMedia("(display-mode: standalone)").matches ||
    (navigator as Navigator & { standalone?: boolean }).standalone === true;
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offered.value = event as InstallPrompt;
  });
  window.addEventListener("appinstalled", () => {
    installed.value = true;
    offered.value = null;
  });
}

export function useInstall(): {
  offered: Readonly<Ref<boolean>>;
  installed: Readonly<Ref<boolean>>;
  install(): Promise<void>;
} {
  return {
    offered: computed(() => offered.value !== null),
    installed,
    async install() {
      const prompt = offered.value;
      offered.value = null;
      await prompt?.prompt();
    },
  };
}
