import {
  address,
  databaseAddress,
  hosts,
  keySet,
  namedKeys,
  origins,
  proxies,
  seconds,
  secret,
  text,
  wholeNumber,
} from "./kinds.ts";
import { missing, optional, required, type Setting, withDefault } from "./setting.ts";

/** Whether this runs on Supabase's own platform. */
export const isHosted = () => Boolean(Deno.env.get("SB_REGION") ?? Deno.env.get("DENO_DEPLOYMENT_ID"));

/** Set by the platform for every Edge Function, and by `npm start`. */
const platform = {
  supabaseUrl: required("SUPABASE_URL", address, "The project's address, which leads to Auth and Realtime."),
  supabaseDbUrl: required("SUPABASE_DB_URL", databaseAddress, "The database itself, without a pooler."),
  supabasePublishableKeys: optional("SUPABASE_PUBLISHABLE_KEYS", namedKeys, "Keys of clients, by name."),
  supabaseSecretKeys: optional("SUPABASE_SECRET_KEYS", namedKeys, "Keys of servers, by name."),
  supabaseAnonKey: optional("SUPABASE_ANON_KEY", secret, "The legacy key of clients."),
  supabaseServiceRoleKey: optional("SUPABASE_SERVICE_ROLE_KEY", secret, "The legacy key of servers."),
  supabaseJwks: optional("SUPABASE_JWKS", keySet, "The public keys that sign access tokens."),
  supabaseJwtSecret: optional("SUPABASE_JWT_SECRET", secret, "The shared secret that signs access tokens with HS256."),
  gatewayPrefixHeader: optional(
    "GATEWAY_PREFIX_HEADER",
    text,
    "The header in which the gateway sends an API's path prefix.",
  ),
};

const replies = {
  responderUrl: optional(
    "RESPONDER_URL",
    address,
    "The OpenAI-compatible endpoint that writes replies. Without it, an offline reply says that none is set up.",
    "http://127.0.0.1:11434/v1",
  ),
  responderModel: optional("RESPONDER_MODEL", text, "The model; required with RESPONDER_URL.", "llama3.2"),
  responderKey: optional("RESPONDER_KEY", secret, "The key of the endpoint, if it needs one."),
  responderTimeout: withDefault("RESPONDER_TIMEOUT", seconds, 60, "Seconds that the endpoint may stay silent."),
  responderContextTokens: withDefault(
    "RESPONDER_CONTEXT_TOKENS",
    wholeNumber(1, 10_000_000),
    8000,
    "Tokens of the conversation that the endpoint receives, the question included.",
  ),
  responderMaxTokens: withDefault(
    "RESPONDER_MAX_TOKENS",
    wholeNumber(1, 10_000_000),
    4096,
    "Tokens that a reply may have.",
  ),
};

const google = {
  googleClientId: optional("GOOGLE_CLIENT_ID", text, "The client that signs in with Google, in `conversations`."),
  googleClientSecret: optional("GOOGLE_CLIENT_SECRET", secret, "Its secret."),
  googleRedirectUri: optional("GOOGLE_REDIRECT_URI", text, "Its redirect URI."),
};

/** For tests: another address of Google. */
const testing = {
  googleTokenUrl: withDefault(
    "GOOGLE_TOKEN_URL",
    address,
    new URL("https://oauth2.googleapis.com/token"),
    "Where Google exchanges authorization codes.",
  ),
};

const database = {
  dbPoolUrl: optional(
    "DB_POOL_URL",
    databaseAddress,
    "A transaction pooler in front of the database. A hosted project needs one.",
  ),
  dbReplicaUrl: optional(
    "DB_REPLICA_URL",
    databaseAddress,
    "A read replica of the database, which then answers reads. Give its pooler where DB_POOL_URL is that of the database.",
  ),
  dbPoolSize: withDefault(
    "DB_POOL_SIZE",
    wholeNumber(1, 100),
    () => isHosted() ? 1 : 8,
    "Connections of a worker to the database: 1 hosted, else 8. Searches get three more for every eight.",
    "8",
  ),
  jwtSecret: optional(
    "JWT_SECRET",
    secret,
    "The secret of a project that signs access tokens with HS256. Without it, Auth verifies each token.",
  ),
};

const moving = {
  oldTokenKey: optional(
    "OLD_TOKEN_KEY",
    secret,
    "The key with which an imported backend has signed its tokens: SIGNING_KEY of simplejwt, or else Django's SECRET_KEY. " +
      "With it, each old refresh token is exchanged for a session once. Remove it when they have expired.",
  ),
};

const moderation = {
  checkerUrl: optional(
    "CHECKER_URL",
    address,
    "Where to ask whether a message that a word rule holds may be sent. Without it, moderators answer alone.",
    "https://checker.example.com/messages",
  ),
  checkerKey: optional(
    "CHECKER_KEY",
    secret,
    "The key that the checker receives as a bearer; required with CHECKER_URL.",
  ),
};

const network = {
  publicUrl: optional(
    "PUBLIC_URL",
    address,
    "The address that clients use, if it is a custom domain: links, cookies and checks of origins use it. Without it, " +
      "the project's address when hosted, otherwise that of the request.",
    "https://chat.example.com",
  ),
  allowedHosts: withDefault(
    "ALLOWED_HOSTS",
    hosts,
    [],
    "Hosts that requests may name, besides this machine; others get 400. .example.net is a domain with its " +
      "subdomains, *.example.net its subdomains alone. Without it, any host.",
    "chat.example.com, *.example.net",
  ),
  allowedOrigins: withDefault(
    "ALLOWED_ORIGINS",
    origins,
    [],
    "Origins whose pages may use cookies, besides the functions' own: CORS with credentials, and the socket of `social`. " +
      "All other origins may call the APIs without credentials.",
    "https://chat.example.com",
  ),
  trustedProxies: withDefault(
    "TRUSTED_PROXIES",
    proxies,
    { networks: [] },
    "Your own proxies in front of the functions: how many in a row, or their addresses and networks. Only their headers " +
      "are trusted: X-Forwarded-Host, -Proto, -Prefix, -For, and Forwarded.",
    "10.0.0.0/8",
  ),
};

const relay = {
  relayFramesPerSecond: withDefault(
    "RELAY_FRAMES_PER_SECOND",
    wholeNumber(1, 1_000_000),
    50,
    "Frames that a socket may send in a second; in a burst, twice as many.",
  ),
  relayMaxFrame: withDefault(
    "RELAY_MAX_FRAME",
    wholeNumber(1, 16 * 1024 * 1024),
    128 * 1024,
    "Characters of a frame; longer ones are refused.",
  ),
  relayMaxBacklog: withDefault(
    "RELAY_MAX_BACKLOG",
    wholeNumber(1, 1024 * 1024 * 1024),
    4 * 1024 * 1024,
    "Bytes that may wait for a slow reader before its socket is closed.",
  ),
  relayIdleSeconds: withDefault(
    "RELAY_IDLE_SECONDS",
    seconds,
    30,
    "Seconds after which a client that answers no ping is disconnected.",
  ),
  relayLingerSeconds: withDefault(
    "RELAY_LINGER_SECONDS",
    seconds,
    10,
    "Seconds that a room stays subscribed without a socket, for clients that reconnect.",
  ),
  relayRecheckSeconds: withDefault(
    "RELAY_RECHECK_SECONDS",
    seconds,
    30,
    "Seconds between two checks for events that a room has missed.",
  ),
  workerSeconds: withDefault(
    "WORKER_SECONDS",
    seconds,
    () => Deno.env.get("DENO_DEPLOYMENT_ID") ? 150 : Infinity,
    "Seconds that a worker lives: 150 hosted, 400 on a paid plan, elsewhere without limit.",
    "400",
  ),
};

/**
 * Every setting of the functions: its environment variable, kind, default, bounds and purpose, each stated here alone.
 * @example
 * settings.dbPoolSize(); // the number that DB_POOL_SIZE holds, or its default
 */
export const settings = {
  ...platform,
  ...testing,
  ...replies,
  ...google,
  ...database,
  ...moving,
  ...moderation,
  ...network,
  ...relay,
};

/** The settings of operators, in the sections of `.env.example`. */
export const sections = {
  "Replies of the assistant": replies,
  "Signing in with Google": google,
  "Database and tokens": database,
  "Moving in": moving,
  "Checking held messages": moderation,
  "Addresses": network,
  "WebSockets and workers": relay,
};

/** The project's address, without a slash at its end. */
export const projectUrl = () => settings.supabaseUrl().href.replace(/\/+$/, "");

/** The key that clients send: the one named `default`, or the legacy one. */
export const publishableKey = () => settings.supabasePublishableKeys()?.default ?? needed(settings.supabaseAnonKey);

/** The key that acts as the service: the one named `default`, or the legacy one. */
export const secretKey = () => settings.supabaseSecretKeys()?.default ?? needed(settings.supabaseServiceRoleKey);

/** @throws Error that names the setting when it is missing. */
export function needed<T>(setting: Setting<T | undefined>): T {
  const value = setting();
  if (value === undefined) throw missing(setting.definition.name);
  return value;
}

/**
 * Reads every setting once, so that a wrong one fails when a function starts, not at the first request that needs it.
 * @throws Error that names the setting.
 */
export function checkSettings(): void {
  for (const read of [...Object.values(settings), publishableKey, secretKey]) read();
  if (settings.checkerUrl()) needed(settings.checkerKey);
}
