import { sizeWords } from "../files/file_words.ts";
import { useWords } from "../words/use_words.ts";
import type { Words } from "../words/words.ts";

/** The seconds of each unit of time, the shortest first. */
export const SECONDS = { second: 1, minute: 60, hour: 3_600, day: 86_400 };

export type RateUnit = keyof typeof SECONDS;
export const RATE_UNITS = Object.keys(SECONDS) as RateUnit[];

/** A rate in the shortest time in which it is at least one. */
export function rateOf(perSecond: number): { count: number; unit: RateUnit } {
  const unit = RATE_UNITS.find((unit) => perSecond * SECONDS[unit] >= 0.995) ?? "day";
  const count = perSecond * SECONDS[unit];
  const whole = Math.round(count);
  // What is written as a fraction of a second is meant as so many a day.
  return { count: Math.abs(count - whole) < count / 50 ? whole : Number(count.toPrecision(3)), unit };
}

export const perSecond = (count: number, unit: RateUnit) => count / SECONDS[unit];

/** The seconds of the units in which Postgres writes an interval, as it counts them. */
const INTERVAL_SECONDS = { year: 31_557_600, mon: 2_592_000, day: SECONDS.day };

/** The seconds of an interval as Postgres writes it, such as "1 day 02:30:00"; undefined for another text. */
export function secondsOf(interval: string): number | undefined {
  const [, units, hours = 0, minutes = 0, seconds = 0] =
    /^((?:\d+ (?:year|mon|day)s? ?)*)(?:(\d+):(\d\d):(\d\d(?:\.\d+)?))?$/.exec(interval) ?? [];
  if (units === undefined || !interval) return undefined;
  const whole = [...units.matchAll(/(\d+) (year|mon|day)/g)]
    .reduce((sum, [, count, unit]) => sum + Number(count) * INTERVAL_SECONDS[unit as keyof typeof INTERVAL_SECONDS], 0);
  return whole + Number(hours) * SECONDS.hour + Number(minutes) * SECONDS.minute + Number(seconds);
}

/** Numbers in the language of the page. */
export function useFormat() {
  const words = useWords();
  const { language } = words;
  return {
    number: (value: number, digits = 0) =>
      new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value),
    bytes: (value: number) => sizeWords(value, words),
    ms: (value: number) => duration(value / 1_000, words),
    seconds: (value: number) => duration(value, words),
    day: (day: string) =>
      new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(day)),
  };
}

const STEPS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1], ["millisecond", 0.001]] as const;

/** A duration in one unit: 3 hr, 20 ms. */
function duration(seconds: number, { language }: Words): string {
  const [unit, size] = STEPS.find(([, size]) => seconds >= size) ?? STEPS.at(-1)!;
  const value = seconds / size;
  const maximumFractionDigits = value < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits }).format(value);
}
