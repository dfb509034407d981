import { type Keys, signingKeySet } from "../base/keys.ts";
import { prefixHeader } from "./function_request.ts";

/** Sets what the platform gives every Edge Function. */
export async function setEnvironment(keys: Keys, apiUrl: string, dbUrl: string): Promise<void> {
  const variables = {
    SUPABASE_URL: apiUrl,
    SUPABASE_DB_URL: dbUrl,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishable_key }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secret_key }),
    SUPABASE_ANON_KEY: keys.anon_key,
    SUPABASE_SERVICE_ROLE_KEY: keys.service_role_key,
    SUPABASE_JWKS: await signingKeySet(keys),
    // Access tokens are signed with HS256 here, as in older projects.
    SUPABASE_JWT_SECRET: keys.jwt_secret,
    GATEWAY_PREFIX_HEADER: prefixHeader,
  };
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
}
