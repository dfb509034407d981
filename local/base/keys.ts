import { Buffer } from "node:buffer";
import { join } from "node:path";
import { exportJWK, SignJWT } from "jose";
import { readJson, writeJson } from "./json_file.ts";

/** The secrets of one data folder, generated once. */
export interface Keys {
  publishable_key: string;
  secret_key: string;
  /** Signs access tokens, HS256. */
  jwt_secret: string;
  /** The legacy keys: tokens for the roles anon and service_role. */
  anon_key: string;
  service_role_key: string;
  /** The password of the roles that only the stack uses: supabase_admin, supabase_auth_admin. */
  admin_password: string;
}

const TEN_YEARS_S = 10 * 365 * 24 * 3600;

/** Reads the keys of a data folder, or generates them. */
export async function loadKeys(folder: string): Promise<Keys> {
  const path = join(folder, "keys.json");
  const known = await readJson<Keys>(path);
  if (known) return known;
  const keys = await makeKeys();
  await writeJson(path, keys);
  return keys;
}

/** The key set that functions verify access tokens with. Its only key is a shared secret and is never published. */
export async function signingKeySet({ jwt_secret }: Keys): Promise<string> {
  const key = await exportJWK(new TextEncoder().encode(jwt_secret));
  return JSON.stringify({ keys: [{ ...key, alg: "HS256" }] });
}

async function makeKeys(): Promise<Keys> {
  const jwt_secret = random(40);
  return {
    publishable_key: `sb_publishable_${random(24)}`,
    secret_key: `sb_secret_${random(24)}`,
    jwt_secret,
    anon_key: await legacyKey("anon", jwt_secret),
    service_role_key: await legacyKey("service_role", jwt_secret),
    admin_password: random(24),
  };
}

function legacyKey(role: string, secret: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ iss: "supabase-local", role, iat: now, exp: now + TEN_YEARS_S })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(secret));
}

function random(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("base64url");
}
