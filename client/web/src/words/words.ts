import { en, type Phrase } from "./en.ts";
import type { english } from "./admin_en.ts";
import type { late } from "./late.ts";

/** The texts of the chat page. */
export type PageKey = keyof typeof en | keyof typeof late;
export type Key = PageKey | keyof typeof english;
export type Language = "en" | "ru";
export type Values = Record<string, string | number>;

const dictionaries: Record<Language, Record<string, Phrase>> = { en: { ...en }, ru: {} };

/** Adds the texts of a part that is loaded late. */
export const addTexts = (language: Language, texts: Record<string, Phrase>): void =>
  void Object.assign(dictionaries[language], texts);

/** Loads the texts of a language. Until they are there, English stands in. */
export async function loadWords(language: Language): Promise<void> {
  if (language === "ru") addTexts("ru", (await import("./ru.ts")).ru);
}

/** Languages by their own names. */
export const languages: Record<Language, string> = { en: "English", ru: "Русский" };

/** Returns the first of the browser's languages that the page supports. */
export function preferred(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const language = tag.slice(0, 2).toLowerCase();
    if (language in languages) return language as Language;
  }
  return "en";
}

/** Texts, dates and lists in one language. */
export class Words {
  readonly #plurals: Intl.PluralRules;
  readonly #time: Intl.DateTimeFormat;
  readonly #weekday: Intl.DateTimeFormat;
  readonly #date: Intl.DateTimeFormat;
  readonly #dated: Intl.DateTimeFormat;
  readonly #full: Intl.DateTimeFormat;
  readonly #exact: Intl.DateTimeFormat;
  readonly #relative: Intl.RelativeTimeFormat;
  readonly #list: Intl.ListFormat;

  /** @param regions the browser's languages: dates use the region of the one that matches */
  constructor(readonly language: Language, regions: readonly string[] = []) {
    const region = regions.find((tag) => tag.toLowerCase().startsWith(`${language}-`)) ?? language;
    this.#plurals = new Intl.PluralRules(language);
    this.#time = new Intl.DateTimeFormat(region, { timeStyle: "short" });
    this.#weekday = new Intl.DateTimeFormat(region, { weekday: "short" });
    this.#date = new Intl.DateTimeFormat(region, { day: "numeric", month: "short" });
    this.#dated = new Intl.DateTimeFormat(region, { day: "numeric", month: "short", year: "numeric" });
    this.#full = new Intl.DateTimeFormat(region, { dateStyle: "long" });
    this.#exact = new Intl.DateTimeFormat(region, { dateStyle: "medium", timeStyle: "medium" });
    this.#relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
    this.#list = new Intl.ListFormat(language);
  }

  /** Returns a text with its {names} filled in; `count` selects the plural form. */
  readonly t = (key: Key, values: Values = {}): string => {
    const phrase: Phrase = dictionaries[this.language][key] ?? dictionaries.en[key]!;
    const text = typeof phrase === "string" ? phrase : phrase[this.#form(Number(values.count))] ?? phrase.other;
    return text.replace(/\{(\w+)\}/g, (_, name: string) => isolated(String(values[name] ?? "")));
  };

  /** Whether a text exists. */
  has(key: string): key is Key {
    return Object.hasOwn(dictionaries.en, key);
  }

  /** Formats names as a list. */
  readonly list = (names: readonly string[]): string => {
    return this.#list.format(names.map(isolated));
  };

  time(date: string): string {
    return this.#time.format(new Date(date));
  }

  /** Formats a day as a heading: today, yesterday, or the date. */
  day(date: string): string {
    const days = daysAgo(date);
    return days < 2 ? capital(this.#relative.format(-days, "day")) : this.#full.format(new Date(date));
  }

  /**
   * Formats a moment as briefly as possible: the time today, the weekday this week, otherwise the date, with the year
   * if it is another.
   */
  moment(date: string): string {
    const days = daysAgo(date);
    const isThisYear = new Date(date).getFullYear() === new Date().getFullYear();
    const format = days < 1 ? this.#time : days < 7 ? this.#weekday : isThisYear ? this.#date : this.#dated;
    return format.format(new Date(date));
  }

  /** Formats a date and a time to the second. */
  exact(date: string): string {
    return this.#exact.format(new Date(date));
  }

  /** Formats how long ago something was. */
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

/** The number of midnights since a date, in local time. */
function daysAgo(date: string): number {
  const midnight = (day: Date) => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
  return Math.max(0, Math.round((midnight(new Date()) - midnight(new Date(date))) / 86_400_000));
}

/** Right-to-left scripts and directional control characters. */
const TURNING =
  /\p{Script=Arabic}|\p{Script=Hebrew}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}|[\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]/u;

/** Isolates text that could reorder its surroundings (UTS 55, 3.2); leaves other text as it is. */
function isolated(text: string): string {
  return TURNING.test(text) ? `\u2068${closed(text)}\u2069` : text;
}

/** Balances the isolates in a text: an unmatched end would close the one around it. */
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
