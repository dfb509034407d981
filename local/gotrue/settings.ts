import type { ExternalProvider, ProjectConfig, Section } from "../base/config.ts";
import type { Keys } from "../base/keys.ts";

/** What Supabase Auth is started with. */
export interface GotrueSettings {
  /** The path of its program. */
  program: string;
  /** `[auth]` of `config.toml`. */
  auth: ProjectConfig["auth"];
  keys: Keys;
  dbPort: number;
  /** The gateway's address for clients. */
  apiUrl: string;
  /** The default target of links in emails: the page. */
  siteUrl: string;
}

const PASSWORD_CHARACTERS: Record<string, string> = {
  letters_digits: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:0123456789",
  lower_upper_letters_digits: "abcdefghijklmnopqrstuvwxyz:ABCDEFGHIJKLMNOPQRSTUVWXYZ:0123456789",
  lower_upper_letters_digits_symbols: "abcdefghijklmnopqrstuvwxyz:ABCDEFGHIJKLMNOPQRSTUVWXYZ:0123456789:" +
    "!@#$%^&*()_+-=[]{};'\\\\:\"|<>?,./`~",
};

/** How it reaches providers from this machine. */
const SYSTEM_VARIABLES = ["PATH", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"];

const section = (value: unknown) => (value ?? {}) as Section;

/**
 * The environment of Supabase Auth: `config.toml` as the Supabase CLI translates it. What the file leaves out has the
 * default of Auth, and a variable `GOTRUE_…` of our own environment wins.
 */
export function gotrueEnvironment(settings: GotrueSettings, port: number): Record<string, string> {
  const { auth, keys, dbPort, apiUrl, siteUrl } = settings;
  const database = `127.0.0.1:${dbPort}/postgres?search_path=auth`;
  const variables: Record<string, unknown> = {
    API_HOST: "127.0.0.1",
    API_PORT: port,
    DB_DRIVER: "postgres",
    // Without it Auth opens as many as it has requests.
    DB_MAX_POOL_SIZE: 10,
    DB_DATABASE_URL: `postgres://supabase_auth_admin:${keys.admin_password}@${database}`,
    SITE_URL: siteUrl,
    URI_ALLOW_LIST: ((auth.additional_redirect_urls ?? []) as string[]).join(",") || undefined,
    JWT_SECRET: keys.jwt_secret,
    JWT_ISSUER: `${apiUrl}/auth/v1`,
    JWT_EXP: auth.jwt_expiry,
    JWT_AUD: "authenticated",
    JWT_DEFAULT_GROUP_NAME: "authenticated",
    JWT_ADMIN_ROLES: "service_role",
    RATE_LIMIT_HEADER: "X-Forwarded-For",
    SECURITY_SB_FORWARDED_FOR_ENABLED: true,
    ...accounts(auth),
    ...rateLimits(section(auth.rate_limit)),
    ...hooks(section(auth.hook)),
    ...providers(auth.external ?? {}, apiUrl),
  };
  const given = Object.entries(variables).filter(([, value]) => value !== undefined);
  return {
    ...inherited((name) => SYSTEM_VARIABLES.includes(name)),
    API_EXTERNAL_URL: `${apiUrl}/auth/v1`,
    ...Object.fromEntries(given.map(([name, value]) => [`GOTRUE_${name}`, String(value)])),
    ...inherited((name) => name.startsWith("GOTRUE_")),
  };
}

function inherited(isMeant: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(Deno.env.toObject()).filter(([name]) => isMeant(name)));
}

function accounts(auth: Section): Section {
  const email = section(auth.email);
  const sessions = section(auth.sessions);
  return {
    DISABLE_SIGNUP: auth.enable_signup === false,
    EXTERNAL_EMAIL_ENABLED: email.enabled ?? email.enable_signup,
    EXTERNAL_ANONYMOUS_USERS_ENABLED: auth.enable_anonymous_sign_ins,
    MAILER_AUTOCONFIRM: email.enable_confirmations !== true,
    MAILER_SECURE_EMAIL_CHANGE_ENABLED: email.double_confirm_changes,
    MAILER_OTP_LENGTH: email.otp_length,
    MAILER_OTP_EXP: email.otp_expiry,
    SMTP_MAX_FREQUENCY: email.max_frequency,
    PASSWORD_MIN_LENGTH: auth.minimum_password_length,
    PASSWORD_REQUIRED_CHARACTERS: PASSWORD_CHARACTERS[String(auth.password_requirements)],
    SECURITY_REFRESH_TOKEN_ROTATION_ENABLED: auth.enable_refresh_token_rotation,
    SECURITY_REFRESH_TOKEN_REUSE_INTERVAL: auth.refresh_token_reuse_interval,
    SECURITY_MANUAL_LINKING_ENABLED: auth.enable_manual_linking,
    SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION: email.secure_password_change,
    SESSIONS_TIMEBOX: sessions.timebox,
    SESSIONS_INACTIVITY_TIMEOUT: sessions.inactivity_timeout,
  };
}

function rateLimits(limits: Section): Section {
  return {
    RATE_LIMIT_TOKEN_REFRESH: limits.token_refresh,
    RATE_LIMIT_OTP: limits.sign_in_sign_ups,
    RATE_LIMIT_VERIFY: limits.token_verifications,
    RATE_LIMIT_ANONYMOUS_USERS: limits.anonymous_users,
    RATE_LIMIT_EMAIL_SENT: limits.email_sent,
  };
}

function hooks(given: Section): Section {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [`HOOK_${name.toUpperCase()}`, section(value)] as const)
      .flatMap(([name, { enabled, uri, secrets }]) => [
        [`${name}_ENABLED`, enabled],
        [`${name}_URI`, uri],
        [`${name}_SECRETS`, secrets],
      ]),
  );
}

function providers(given: Record<string, ExternalProvider>, apiUrl: string): Section {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, { enabled, client_id, secret, redirect_uri, skip_nonce_check }]) => {
      const prefix = `EXTERNAL_${name.toUpperCase()}`;
      return [
        // Those without a client are switched on by its variable.
        [`${prefix}_ENABLED`, enabled && client_id !== undefined],
        [`${prefix}_CLIENT_ID`, client_id],
        [`${prefix}_SECRET`, secret],
        [`${prefix}_REDIRECT_URI`, redirect_uri ?? `${apiUrl}/auth/v1/callback`],
        [`${prefix}_SKIP_NONCE_CHECK`, skip_nonce_check],
      ];
    }),
  );
}
