// Times and days as the reader's clock has them; "today" is the sandbox's day, which may be ahead.

import { pageLanguage, say } from "./words.js";

const time = new Intl.DateTimeFormat(pageLanguage, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const thisYear = new Intl.DateTimeFormat(pageLanguage, { day: "numeric", month: "long" });
const otherYear = new Intl.DateTimeFormat(pageLanguage, { day: "numeric", month: "long", year: "numeric" });
const full = new Intl.DateTimeFormat(pageLanguage, { dateStyle: "medium", timeStyle: "medium" });

const at = (seconds) => new Date(seconds * 1000);
export const dayOf = (seconds) => at(seconds).toDateString();
export const timeOf = (seconds) => time.format(at(seconds));
export const momentOf = (seconds) => full.format(at(seconds));

export function dayName(seconds, now) {
  if (dayOf(seconds) === dayOf(now)) return say("today");
  if (dayOf(seconds) === dayOf(now - 86400)) return say("yesterday");
  return (at(seconds).getFullYear() === at(now).getFullYear() ? thisYear : otherYear).format(at(seconds));
}
