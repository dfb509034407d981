import { CliError } from "../terminal.ts";
import { failed, type Finding, ok, skipped, warning } from "./finding.ts";
import { field } from "./project_api.ts";

const TIMEOUT_MS = 15_000;
const SIGN_INS = 150;

/** A project on the platform, and a token of Supabase's Management API. */
export interface Platform {
  api: string;
  ref: string;
  token: string;
}

/** What only the platform's own settings say. */
export async function checkPlatform(platform: Platform | undefined): Promise<Finding[]> {
  if (!platform) {
    const todo =
      "Set SUPABASE_ACCESS_TOKEN, or look there: Authentication (Rate Limits, Hooks) and Edge Functions (Secrets).";
    return [
      skipped("platform", "Address forwarding, rate limits, the hook of access tokens, secrets of functions.", todo),
    ];
  }
  const [auth, secrets] = await Promise.all([ask(platform, "config/auth"), ask(platform, "secrets")]);
  return [forwarding(auth), ...limits(auth), hook(auth), site(auth), pool(secrets)];
}

async function ask({ api, ref, token }: Platform, path: string): Promise<unknown> {
  const response = await fetch(`${api}/v1/projects/${ref}/${path}`, {
    headers: { Authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: Error) => {
    throw new CliError(`${new URL(api).origin} does not answer: ${error.message}.`);
  });
  if (response.ok) return await response.json();
  await response.body?.cancel();
  throw new CliError(
    `${new URL(api).origin} answers ${response.status}: is the access token one of an owner of ${ref}?`,
  );
}

function forwarding(auth: unknown): Finding {
  if (field(auth, "security_sb_forwarded_for_enabled") === true) {
    return ok("forwarding", "Auth counts sign-ins over the functions by the client's own address.");
  }
  return failed(
    "forwarding",
    "Auth counts all sign-ins over the functions as those of one address.",
    "Switch on IP address forwarding (Authentication, Rate Limits), and give the functions a secret key (sb_secret_…).",
  );
}

function limits(auth: unknown): Finding[] {
  const limit = Number(field(auth, "rate_limit_token_refresh"));
  const mails = Number(field(auth, "rate_limit_email_sent"));
  const findings = [
    limit >= SIGN_INS ? ok("rate limits", `An address has ${limit} sign-ins and refreshes in five minutes.`) : warning(
      "rate limits",
      `An address has only ${limit} sign-ins and refreshes in five minutes.`,
      `Raise it to ${SIGN_INS}: an office shares one address.`,
    ),
  ];
  if (!field(auth, "smtp_host")) {
    findings.push(warning(
      "smtp",
      `There is no SMTP of your own: the built-in mail sends ${mails || 2} an hour, to members of the team only.`,
      "Set up SMTP (Authentication, Emails).",
    ));
  }
  return findings;
}

function hook(auth: unknown): Finding {
  const uri = String(field(auth, "hook_custom_access_token_uri") ?? "");
  const isOn = field(auth, "hook_custom_access_token_enabled") === true;
  if (isOn && uri.includes("chat_private/access_token")) return ok("hook", "The hook chat_private.access_token is on.");
  return warning(
    "hook",
    isOn ? `The hook of access tokens is ${uri}.` : "There is no hook of access tokens.",
    "Clients of the old backends need the hook chat_private.access_token: switch it on, or call it in yours.",
  );
}

function site(auth: unknown): Finding {
  const url = String(field(auth, "site_url") ?? "");
  if (url && !/\/\/(localhost|127\.|\[::1\])/.test(url)) return ok("site", `Links in mails lead to ${url}.`);
  return failed(
    "site",
    `Links in mails lead to ${url || "nowhere"}.`,
    "Set the Site URL (Authentication, URL Configuration) to your page.",
  );
}

function pool(secrets: unknown): Finding {
  const names = Array.isArray(secrets) ? secrets.map((secret) => field(secret, "name")) : [];
  if (names.includes("DB_POOL_URL")) return ok("secrets", "DB_POOL_URL is set.");
  return failed(
    "secrets",
    "DB_POOL_URL is not set: each worker of a function opens connections of its own, and a small project has 60.",
    "npx supabase secrets set DB_POOL_URL=… with the address of the transaction pooler (Connect, port 6543).",
  );
}
