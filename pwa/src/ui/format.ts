/**
 * Days and times as people here write them, always in the business zone (Asia/Shanghai, fixed +08:00),
 * whatever zone the device believes in.
 */

export type Locale = "zh-CN" | "en";

const ZONE_MS = 8 * 3600_000;
const WEEKDAYS = {
  "zh-CN": ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
  en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"],
};
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** Moment (milliseconds, or RFC 3339 text) as a date whose UTC parts read as business time. */
function zoned(at: number | string): Date {
  return new Date((typeof at === "number" ? at : Date.parse(at)) + ZONE_MS);
}

/** Calendar day of a moment in the business zone, `2026-11-23`. */
export function dayOf(at: number | string): string {
  return zoned(at).toISOString().slice(0, 10);
}

/** `11月23日 周一` or `Mon 23 Nov`; with the year where it is not the one of `today`. */
export function formatDay(day: string, locale: Locale, today?: string): string {
  const date = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return day;
  const [year, month, number] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const other = today !== undefined && !today.startsWith(String(year));
  const weekday = WEEKDAYS[locale][date.getUTCDay()];
  if (locale === "en") return `${weekday} ${number} ${MONTHS[month]}${other ? ` ${year}` : ""}`;
  return `${other ? `${year}年` : ""}${month + 1}月${number}日 ${weekday}`;
}

/** `11月23日` or `23 Nov`. */
export function formatShortDay(day: string, locale: Locale): string {
  const date = new Date(`${day}T00:00:00Z`);
  const [month, number] = [date.getUTCMonth(), date.getUTCDate()];
  return locale === "en" ? `${number} ${MONTHS[month]}` : `${month + 1}月${number}日`;
}

/** `09:12`. */
export function formatTime(at: number | string): string {
  const date = zoned(at);
  return `${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())}`;
}

/** `09:12:40`. */
export function formatClock(at: number | string): string {
  return `${formatTime(at)}:${pad(zoned(at).getUTCSeconds())}`;
}

/** `11月23日 周一 09:12`. */
export function formatDayTime(at: number | string, locale: Locale, today?: string): string {
  return `${formatDay(dayOf(at), locale, today)} ${formatTime(at)}`;
}

/** `1,234` in both languages. */
export function formatNumber(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** Bytes as `340 KB`, `1.2 MB`, `3.4 GB`. */
export function formatBytes(bytes: number): string {
  const units = ["KB", "MB", "GB", "TB"];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const shown = value < 9.95 && unit > 0 ? value.toFixed(1) : String(Math.round(value));
  return `${shown} ${units[unit]}`;
}

/** Length of time as its two largest parts: `3 分 12 秒`, `2 小时 5 分`, `1 天 3 小时`. */
export function formatSpan(ms: number, locale: Locale): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [day, hour, minute, second] = locale === "en" ? ["d", "h", "min", "s"] : ["天", "小时", "分", "秒"];
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), day as string],
    [Math.floor(seconds / 3600) % 24, hour as string],
    [Math.floor(seconds / 60) % 60, minute as string],
    [seconds % 60, second as string],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first < 0) return `0 ${second}`;
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, name]) => `${amount} ${name}`)
    .join(" ");
}
