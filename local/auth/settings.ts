import type { Section } from "../base/config.ts";
import type { Keys } from "../base/keys.ts";
import type { LiteSettings } from "../lite/settings.ts";

/** The part of `[auth]` in `config.toml` that is handled here instead of in lite. */
export interface AuthSettings {
  keys: Keys;
  /** The gateway's address for clients. */
  apiUrl: string;
  issuer: string;
  siteUrl: string;
  /** Seconds. */
  jwtExpiry: number;
  signup: boolean;
  anonymous: boolean;
  /** Whether an address counts as confirmed without an email. */
  autoconfirm: boolean;
  minimumPasswordLength: number;
  securePasswordChange: boolean;
  rotation: boolean;
  /** Seconds in which a refresh token may be used again. */
  reuseInterval: number;
  /** Seconds after which a session ends. */
  timebox: number;
  inactivityTimeout: number;
  /** Completes the claims of access tokens. */
  tokenHook: TokenHook | undefined;
  /** Requests in five minutes from one address. */
  rateLimit: { token: number; verify: number };
  external: Record<string, unknown>;
}

/** A function in the database. */
export interface TokenHook {
  schema: string;
  name: string;
}

/** Reads the settings, with the defaults of the platform. */
export function authSettings({ auth, keys, apiUrl, siteUrl }: LiteSettings): AuthSettings {
  const section = (value: unknown) => (value ?? {}) as Section;
  const email = section(auth.email);
  const sessions = section(auth.sessions);
  const limits = section(auth.rate_limit);
  return {
    keys,
    apiUrl,
    issuer: `${apiUrl}/auth/v1`,
    siteUrl,
    jwtExpiry: Number(auth.jwt_expiry ?? 3600),
    signup: auth.enable_signup !== false,
    anonymous: auth.enable_anonymous_sign_ins === true,
    autoconfirm: email.enable_confirmations !== true,
    minimumPasswordLength: Number(auth.minimum_password_length ?? 6),
    securePasswordChange: email.secure_password_change === true,
    rotation: auth.enable_refresh_token_rotation !== false,
    reuseInterval: Number(auth.refresh_token_reuse_interval ?? 10),
    timebox: seconds(sessions.timebox),
    inactivityTimeout: seconds(sessions.inactivity_timeout),
    tokenHook: hookOf(section(section(auth.hook).custom_access_token)),
    rateLimit: { token: Number(limits.token_refresh ?? 150), verify: Number(limits.token_verifications ?? 30) },
    external: auth.external ?? {},
  };
}

function hookOf({ enabled, uri }: Section): TokenHook | undefined {
  const path = /^pg-functions:\/\/[^/]+\/(\w+)\/(\w+)$/.exec(String(uri ?? ""));
  return enabled === true && path ? { schema: path[1]!, name: path[2]! } : undefined;
}

const SECONDS_PER_UNIT: Record<string, number> = { s: 1, m: 60, h: 3600 };

/** Parses a duration in the format of Go; Infinity without one. */
function seconds(duration: unknown): number {
  const parts = [...String(duration ?? "").matchAll(/(\d+(?:\.\d+)?)([smh])/g)];
  const sum = parts.reduce((total, [, amount, unit]) => total + Number(amount) * SECONDS_PER_UNIT[unit!]!, 0);
  return sum || Infinity;
}
