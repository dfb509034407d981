/**
 * The settings of a function: those that the platform gives every Edge Function, and Parley's own.
 * They are read when first asked for, so that a module can be loaded before they are set.
 */
export const env = {
  /** The project's address, where Auth is reached. */
  url: () => required("SUPABASE_URL"),
  /** The database, directly. */
  databaseUrl: () => required("SUPABASE_DB_URL"),
  /** A transaction pooler before the database, when there is one. */
  poolerUrl: () => Deno.env.get("DB_POOL_URL"),
  /** How many connections one worker keeps: few where it is one of many workers of a hosted project. */
  poolSize: () => Number(Deno.env.get("DB_POOL_SIZE") ?? (Deno.env.get("DENO_DEPLOYMENT_ID") ? 3 : 8)),
  publishableKey: () => key("SUPABASE_PUBLISHABLE_KEYS", "SUPABASE_ANON_KEY"),
  secretKey: () => key("SUPABASE_SECRET_KEYS", "SUPABASE_SERVICE_ROLE_KEY"),
  /** The proxies before the platform, named by the operator: how many they are, or their addresses and networks. */
  trustedProxies: () => Deno.env.get("TRUSTED_PROXIES")?.trim() ?? "",
  /** Whether this runs on Supabase's own platform. */
  isHosted: () => Boolean(Deno.env.get("SB_REGION") ?? Deno.env.get("DENO_DEPLOYMENT_ID")),
  /** The public keys that sign access tokens, as a JSON Web Key Set. */
  jwks: () => Deno.env.get("SUPABASE_JWKS"),
  /** The shared secret of projects that still sign with HS256. */
  jwtSecret: () => Deno.env.get("JWT_SECRET") || Deno.env.get("SUPABASE_JWT_SECRET"),
};

function required(name: string): string {
  const value = Deno.env.get(name);
  if (!value) throw new Error(`The setting ${name} is missing.`);
  return value;
}

/** The key named `default` of a dictionary, or the legacy key. */
function key(dictionary: string, legacy: string): string {
  const keys = JSON.parse(Deno.env.get(dictionary) ?? "{}") as Record<string, string>;
  return keys.default ?? required(legacy);
}
