/**
 * The settings of a function: those that the platform gives every Edge Function, and Parley's own.
 * They are read when first asked for, so that a module can be loaded before they are set; an empty one counts as none.
 */
export const env = {
  /** The project's address, where Auth is reached. */
  url: () => required("SUPABASE_URL", url("SUPABASE_URL"))!.href.replace(/\/+$/, ""),
  /** The database, directly. */
  databaseUrl: () => required("SUPABASE_DB_URL", databaseUrl("SUPABASE_DB_URL")),
  /** A transaction pooler before the database, when there is one. */
  poolerUrl: () => databaseUrl("DB_POOL_URL"),
  /** How many connections one worker keeps: one where it is one of many workers of a hosted project. */
  poolSize: () => wholeNumber("DB_POOL_SIZE", env.isHosted() ? 1 : 8, 100),
  publishableKey: () => key("SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_ANON_KEY"),
  secretKey: () => key("SUPABASE_SECRET_KEYS", "SUPABASE_SERVICE_ROLE_KEY"),
  /** The address that clients use, where it is not the project's: of a custom domain, say. */
  publicUrl: () => url("PUBLIC_URL"),
  /** The proxies before the platform, named by the operator: how many they are, or their addresses and networks. */
  trustedProxies: () => setting("TRUSTED_PROXIES") ?? "",
  /** The hosts that are answered for besides this machine itself; all, when none is listed. */
  allowedHosts: () => list("ALLOWED_HOSTS", host),
  /** The origins of pages that may use cookies. */
  allowedOrigins: () => list("ALLOWED_ORIGINS", origin),
  /** The header in which the gateway before the functions says what stands before an API's paths. */
  prefixHeader: () => setting("GATEWAY_PREFIX_HEADER"),
  /** Whether this runs on Supabase's own platform. */
  isHosted: () => Boolean(Deno.env.get("SB_REGION") ?? Deno.env.get("DENO_DEPLOYMENT_ID")),
  /** The public keys that sign access tokens, as a JSON Web Key Set. */
  jwks: () => Deno.env.get("SUPABASE_JWKS"),
  /** The shared secret of projects that still sign with HS256. */
  jwtSecret: () => Deno.env.get("JWT_SECRET") || Deno.env.get("SUPABASE_JWT_SECRET"),
};

/** A setting, if it is there and not empty. */
const setting = (name: string) => Deno.env.get(name)?.trim() || undefined;

const parsed = new Map<string, { text: string; value: unknown }>();

/** What `parse` makes of a setting that is there; done once, for some are read at every request. */
function read<T>(name: string, parse: (text: string) => T): T | undefined {
  const text = setting(name);
  if (text === undefined) return undefined;
  const known = parsed.get(name);
  if (known?.text === text) return known.value as T;
  const value = parse(text);
  parsed.set(name, { text, value });
  return value;
}

/** A number above zero. Raises an error that names the setting. */
export function positiveNumber(name: string, otherwise: number): number {
  const value = Number(setting(name) ?? otherwise);
  if (value > 0) return value;
  throw new Error(`The setting ${name} takes a number above zero, not "${setting(name)}".`);
}

function wholeNumber(name: string, otherwise: number, most: number): number {
  const value = Number(setting(name) ?? otherwise);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Error(`The setting ${name} takes a whole number from 1 to ${most}, not "${setting(name)}".`);
}

function required<T>(name: string, value: T | undefined): T {
  if (value === undefined) throw new Error(`The setting ${name} is missing.`);
  return value;
}

const url = (name: string) =>
  read(name, (text) => {
    const url = URL.parse(text);
    if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash) return url;
    throw new Error(`The setting ${name} takes an address such as https://example.com, not "${text}".`);
  });

/** It may hold a password, so the error does not show it. */
function databaseUrl(name: string): string | undefined {
  const text = setting(name);
  if (text === undefined || /^postgres(ql)?:\/\/[^/]/.test(text)) return text;
  throw new Error(`The setting ${name} takes an address such as postgresql://user:password@host:5432/postgres.`);
}

/** The entries of a list, which spaces or commas part. */
const list = (name: string, parse: (entry: string) => string | undefined) =>
  read(name, (text) =>
    text.split(/[\s,]+/).filter(Boolean).map((entry) => {
      const value = parse(entry);
      if (value !== undefined) return value;
      throw new Error(`The setting ${name} holds "${entry}", which is not valid there.`);
    })) ?? [];

const host = (entry: string) =>
  /^(\*|(\*?\.)?[\w-]+(\.[\w-]+)*|\[[\da-f:]+\])$/i.test(entry) ? entry.toLowerCase() : undefined;

function origin(entry: string): string | undefined {
  const parsed = URL.parse(entry);
  const isOrigin = parsed && parsed.origin !== "null" && parsed.pathname === "/" && !parsed.search && !parsed.hash;
  return isOrigin ? parsed.origin : undefined;
}

/** The key named `default` of a dictionary, or the legacy key. */
function key(dictionary: string, legacy: string): string {
  const keys = read(dictionary, (text) => {
    try {
      return JSON.parse(text) as Record<string, string>;
    } catch {
      throw new Error(`The setting ${dictionary} is not JSON.`);
    }
  });
  return keys?.default ?? required(legacy, setting(legacy));
}
