import { type NamedProxies, parseProxies } from "./proxies.ts";

/** What a setting may hold. */
export interface Kind<T> {
  /** Completes "The setting NAME takes …". */
  rule: string;
  /** The value of a setting; undefined when it breaks the rule. */
  parse(text: string): T | undefined;
  /** Error messages never show its value. */
  isSecret?: boolean;
}

export const text: Kind<string> = { rule: "a text", parse: (text) => text };

export const secret: Kind<string> = { ...text, isSecret: true };

export const wholeNumber = (min: number, max: number): Kind<number> => ({
  rule: `a whole number from ${min} to ${max}`,
  parse: (text) => within(min, max, /^\d+$/.test(text) ? Number(text) : NaN),
});

/** A longer time would overflow timers, which count milliseconds in 31 bits. */
const MAX_SECONDS = 2_000_000;

/** A time in seconds, fractions included. */
export const seconds: Kind<number> = {
  rule: `a number of seconds from 0.001 to ${MAX_SECONDS}`,
  parse: (text) => within(0.001, MAX_SECONDS, /^\d*\.?\d+$/.test(text) ? Number(text) : NaN),
};

const within = (min: number, max: number, value: number) => value >= min && value <= max ? value : undefined;

export const address: Kind<URL> = {
  rule: "an address such as https://example.com",
  parse: (text) => {
    const url = URL.parse(text);
    return url && /^https?:$/.test(url.protocol) && !url.search && !url.hash ? url : undefined;
  },
};

export const databaseAddress: Kind<string> = {
  rule: "an address such as postgresql://user:password@host:5432/postgres",
  parse: (text) => /^postgres(ql)?:\/\/[^/]/.test(text) ? text : undefined,
  isSecret: true,
};

/** A list, separated by commas or spaces. */
const listOf = (rule: string, parse: (entry: string) => string | undefined): Kind<string[]> => ({
  rule: `${rule}, separated by commas`,
  parse: (text) => {
    const entries = text.split(/[\s,]+/).filter(Boolean).map(parse);
    return entries.includes(undefined) ? undefined : entries as string[];
  },
});

export const hosts = listOf(
  "hosts such as example.com or *.example.com",
  (entry) => /^(\*|(\*?\.)?[\w-]+(\.[\w-]+)*|\[[\da-f:]+\])$/i.test(entry) ? entry.toLowerCase() : undefined,
);

export const origins = listOf("origins such as https://example.com", (entry) => {
  const url = URL.parse(entry);
  return url && url.origin !== "null" && url.pathname === "/" && !url.search && !url.hash ? url.origin : undefined;
});

export const proxies: Kind<NamedProxies> = {
  rule: "the number of proxies in a row, or their addresses and networks, separated by commas",
  parse: parseProxies,
};

/** JSON of one shape. Its values are keys. */
const json = <T>(rule: string, isShape: (value: unknown) => boolean): Kind<T> => ({
  rule,
  parse: (text) => {
    try {
      const value = JSON.parse(text);
      return isShape(value) ? value as T : undefined;
    } catch {
      return undefined;
    }
  },
  isSecret: true,
});

const isObject = (value: unknown) => typeof value === "object" && value !== null;

export const namedKeys = json<Record<string, string>>(
  'keys by their names, as JSON such as {"default": "sb_…"}',
  (value) => isObject(value) && !Array.isArray(value),
);

/** The platform sets a key set or, in some versions, the array of its keys alone. */
export const keySet = json<{ keys: JsonWebKey[] } | JsonWebKey[]>(
  "a JSON Web Key Set",
  (value) => Array.isArray(isObject(value) && !Array.isArray(value) ? (value as { keys?: unknown }).keys : value),
);
