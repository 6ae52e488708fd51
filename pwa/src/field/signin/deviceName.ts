/** How this device is called in the list of devices: its kind and its browser, as far as the browser tells. */
export function deviceName(agent: string = navigator.userAgent): string {
  const system = /iPad|iPhone|Android|Windows|Mac OS X|Linux/.exec(agent)?.[0] ?? "Web";
  const model = /Android [\d.]+; ([^;)]+)/.exec(agent)?.[1]?.trim();
  const browser = /(Edg|Firefox|Chrome|Safari)\/\d+/.exec(agent)?.[0]?.replace("/", " ") ?? "";
  return [system.replace(" OS X", ""), model === "K" ? "" : model, browser]
    .filter((part) => part)
    .join(" · ");
}
