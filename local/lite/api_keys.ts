import type { ApiKeyResolver } from "@supabase/lite";
import type { Keys } from "../base/keys.ts";

/** Knows the two keys of the project, and the legacy ones that stand for them. */
export function apiKeys(keys: Keys): ApiKeyResolver {
  const anon = { type: "publishable", claims: { role: "anon" } } as const;
  const service = { type: "secret", claims: { role: "service_role" } } as const;
  const known = new Map<string, typeof anon | typeof service>([
    [keys.publishable_key, anon],
    [keys.anon_key, anon],
    [keys.secret_key, service],
    [keys.service_role_key, service],
  ]);
  return (key) => Promise.resolve(known.get(key) ?? null);
}
