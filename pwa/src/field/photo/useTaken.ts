import { useI18n } from "vue-i18n";
import { dayOf, formatShortDay, formatTime, type Locale } from "../../ui/format";
import { useTablet } from "../tablet";

/** When a photo was taken: the time alone would make one of last week look like this morning's. */
export function useTaken(): (at: string) => string {
  const { locale } = useI18n();
  const { today } = useTablet();
  return (at) => {
    const day = dayOf(at);
    const time = formatTime(at);
    return day === today.value ? time : `${formatShortDay(day, locale.value as Locale)} ${time}`;
  };
}
