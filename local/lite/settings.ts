import type { ApiKeyResolver } from "@supabase/lite";
import type { Section } from "../base/config.ts";
import type { Keys } from "../base/keys.ts";

/** The settings of the second process, which receives them as one line of JSON. */
export interface LiteSettings {
  /** `supabase/config.toml`: [api] and [auth]. */
  api: Section & { schemas: string[]; extra_search_path: string[] };
  auth: Section & { external?: Record<string, unknown> };
  /** Whether it is Auth too. */
  isAuth: boolean;
  keys: Keys;
  dbPort: number;
  /** The gateway's address for clients. */
  apiUrl: string;
  /** The default target of links in emails: the page. */
  siteUrl: string;
}

const AUTH_OPTIONS = [
  "enable_signup",
  "enable_anonymous_sign_ins",
  "additional_redirect_urls",
  "jwt_expiry",
  "enable_refresh_token_rotation",
  "refresh_token_reuse_interval",
  "minimum_password_length",
  "password_requirements",
  "sessions",
];
const EMAIL_OPTIONS = ["enable_signup", "enable_confirmations", "double_confirm_changes", "otp_length", "otp_expiry"];

/** The configuration of lite: the part of `config.toml` that it knows, since it rejects anything else. */
export function liteConfig({ api, auth, keys, apiUrl, siteUrl }: LiteSettings): Section {
  return {
    api: { ...pick(api, ["schemas", "extra_search_path", "max_rows"]), pg_safe_update: true, external_url: apiUrl },
    auth: {
      ...pick(auth, AUTH_OPTIONS),
      email: pick((auth.email ?? {}) as Section, EMAIL_OPTIONS),
      site_url: siteUrl,
      enabled: true,
      jwt_secret: keys.jwt_secret,
      publishable_key: keys.publishable_key,
      secret_key: keys.secret_key,
    },
    db: { migrations: { enabled: false } },
    storage: { enabled: false },
    studio: { enabled: false },
  };
}

function pick(section: Section, names: string[]): Section {
  return Object.fromEntries(names.filter((name) => section[name] !== undefined).map((name) => [name, section[name]]));
}

/** Resolves the two keys of the project and the equivalent legacy keys. */
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
