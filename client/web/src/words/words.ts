import { en, type Phrase } from "./en.ts";
import { ru } from "./ru.ts";

export type Key = keyof typeof en;
export type Language = "en" | "ru";
export type Values = Record<string, string | number>;

const dictionaries: Record<Language, Record<Key, Phrase>> = { en, ru };

/** The languages by their own names. */
export const languages: Record<Language, string> = { en: "English", ru: "Русский" };

/** The language of a browser, as far as the page speaks it. */
export function preferred(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const language = tag.slice(0, 2).toLowerCase();
    if (language in dictionaries) return language as Language;
  }
  return "en";
}

/** Phrases, dates and lists in one language. */
export class Words {
  readonly #plurals: Intl.PluralRules;
  readonly #time: Intl.DateTimeFormat;
  readonly #weekday: Intl.DateTimeFormat;
  readonly #date: Intl.DateTimeFormat;
  readonly #dated: Intl.DateTimeFormat;
  readonly #full: Intl.DateTimeFormat;
  readonly #relative: Intl.RelativeTimeFormat;
  readonly #list: Intl.ListFormat;

  /** @param regions the languages of the browser: how it writes dates goes by the one that fits */
  constructor(readonly language: Language, regions: readonly string[] = []) {
    const region = regions.find((tag) => tag.toLowerCase().startsWith(`${language}-`)) ?? language;
    this.#plurals = new Intl.PluralRules(language);
    this.#time = new Intl.DateTimeFormat(region, { timeStyle: "short" });
    this.#weekday = new Intl.DateTimeFormat(region, { weekday: "short" });
    this.#date = new Intl.DateTimeFormat(region, { day: "numeric", month: "short" });
    this.#dated = new Intl.DateTimeFormat(region, { day: "numeric", month: "short", year: "numeric" });
    this.#full = new Intl.DateTimeFormat(region, { dateStyle: "long" });
    this.#relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
    this.#list = new Intl.ListFormat(language);
  }

  /** A phrase with its {names} filled in; `count` picks the plural form. */
  readonly t = (key: Key, values: Values = {}): string => {
    const phrase: Phrase = dictionaries[this.language][key];
    const text = typeof phrase === "string" ? phrase : phrase[this.#form(Number(values.count))] ?? phrase.other;
    return text.replace(/\{(\w+)\}/g, (_, name: string) => isolated(String(values[name] ?? "")));
  };

  /** Whether there is such a phrase. */
  has(key: string): key is Key {
    return Object.hasOwn(en, key);
  }

  /** Names as they are counted off. */
  readonly list = (names: readonly string[]): string => {
    return this.#list.format(names.map(isolated));
  };

  time(date: string): string {
    return this.#time.format(new Date(date));
  }

  /** A day as a heading: today, yesterday, or its date. */
  day(date: string): string {
    const days = daysAgo(date);
    return days < 2 ? capital(this.#relative.format(-days, "day")) : this.#full.format(new Date(date));
  }

  /** A moment, as short as it can be: the time today, the weekday this week, else the date, with the year if not this one. */
  moment(date: string): string {
    const days = daysAgo(date);
    const isThisYear = new Date(date).getFullYear() === new Date().getFullYear();
    const format = days < 1 ? this.#time : days < 7 ? this.#weekday : isThisYear ? this.#date : this.#dated;
    return format.format(new Date(date));
  }

  /** How long ago. */
  ago(date: string): string {
    const minutes = Math.max(0, Math.round((Date.now() - Date.parse(date)) / 60_000));
    if (minutes < 60) return this.#relative.format(-minutes, "minute");
    if (minutes < 24 * 60) return this.#relative.format(-Math.round(minutes / 60), "hour");
    return this.#relative.format(-daysAgo(date), "day");
  }

  #form(count: number): "one" | "few" | "many" | "other" {
    const form = this.#plurals.select(count);
    return form === "zero" || form === "two" ? "other" : form;
  }
}

/** How many midnights ago, by the clock of the device. */
function daysAgo(date: string): number {
  const midnight = (day: Date) => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
  return Math.max(0, Math.round((midnight(new Date()) - midnight(new Date(date))) / 86_400_000));
}

/** Scripts that run from right to left, and marks that turn what follows. */
const TURNING =
  /\p{Script=Arabic}|\p{Script=Hebrew}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}|[\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]/u;

/** A text that may turn the words around it, kept from doing so (UTS 55, 3.2); others as they are. */
function isolated(text: string): string {
  return TURNING.test(text) ? `\u2068${closed(text)}\u2069` : text;
}

/** A text whose isolates end within it: an end without a beginning would end the one around it. */
function closed(text: string): string {
  let open = 0;
  const kept = text.replace(/[\u2066-\u2069]/g, (mark) => {
    if (mark !== "\u2069") open++;
    else if (open === 0) return "";
    else open--;
    return mark;
  });
  return kept + "\u2069".repeat(open);
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
