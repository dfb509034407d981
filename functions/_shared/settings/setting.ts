import type { Kind } from "./kinds.ts";

/** The description of a setting. */
export interface Definition {
  /** The environment variable. */
  name: string;
  /** One or two sentences for operators. */
  about: string;
  /** The value that `.env.example` shows: the default, or an example where there is none. */
  example: string;
}

/** Reads a setting. It is read when it is needed, so that modules load before the environment is set. */
export interface Setting<T> {
  /** @throws Error that names the setting and its rule when the value breaks it, or a required one is missing. */
  (): T;
  readonly definition: Definition;
}

/**
 * A setting without which nothing works.
 * @example
 * const url = required("SUPABASE_URL", address, "The project's address.");
 * url(); // URL, or Error: The setting SUPABASE_URL is missing.
 */
export function required<T>(name: string, kind: Kind<T>, about: string, example = ""): Setting<T> {
  return setting(name, kind, { name, about, example }, () => {
    throw missing(name);
  });
}

/** A setting that may be left out; its value is then undefined. */
export function optional<T>(name: string, kind: Kind<T>, about: string, example = ""): Setting<T | undefined> {
  return setting(name, kind, { name, about, example }, () => undefined);
}

/**
 * A setting with a default.
 * @param fallback the default, or what computes it.
 * @param example shown instead of the default where that is computed.
 */
export function withDefault<T>(
  name: string,
  kind: Kind<T>,
  fallback: T | (() => T),
  about: string,
  example = String(fallback),
): Setting<T> {
  const value = fallback instanceof Function ? fallback : () => fallback;
  return setting(name, kind, { name, about, example }, value);
}

/** The error for a setting that is needed and not there. */
export const missing = (name: string) => new Error(`The setting ${name} is missing.`);

/** An empty variable counts as not set. A value is parsed once, because some settings are read at every request. */
function setting<T, F>(name: string, kind: Kind<T>, definition: Definition, fallback: () => F): Setting<T | F> {
  let parsed: { text: string; value: T } | undefined;
  const read = () => {
    const text = Deno.env.get(name)?.trim();
    if (!text) return fallback();
    if (parsed?.text === text) return parsed.value;
    const value = kind.parse(text);
    if (value === undefined) {
      throw new Error(`The setting ${name} takes ${kind.rule}${kind.isSecret ? "" : `, not "${text}"`}.`);
    }
    parsed = { text, value };
    return value;
  };
  return Object.assign(read, { definition });
}
