import { failed, type Finding, ok, warning } from "./finding.ts";
import { field, type ProjectApi } from "./project_api.ts";

const MAX_SKEW_S = 5;

/** The key, the clock, the keys that sign tokens, and what Auth says about its settings. */
export async function checkAuth(api: ProjectApi): Promise<Finding[]> {
  const before = Date.now();
  const settings = await api.call("auth/v1/settings");
  const now = (before + Date.now()) / 2;
  if (settings.status !== 200) {
    return [
      failed(
        "key",
        `Auth answers ${settings.status} to the publishable key.`,
        "Copy URL and key from the project's API keys.",
      ),
    ];
  }
  const findings = [ok("key", "The project accepts the publishable key."), clock(settings.headers.get("date"), now)];
  findings.push(await signing(api));
  const external = field(settings.body, "external");
  if (field(settings.body, "mailer_autoconfirm") === true) {
    findings.push(warning(
      "mail",
      "Addresses are not confirmed, so anybody can register with somebody else's.",
      "Switch on Confirm email, and set up SMTP of your own: the built-in mail is for trying out.",
    ));
  } else {
    findings.push(ok("mail", "New addresses must be confirmed. That needs SMTP of your own."));
  }
  if (field(external, "anonymous_users") === true) {
    findings.push(
      warning("anonymous", "Anonymous sign-ins are on: such users have no profile in the chat.", "Switch them off."),
    );
  }
  if (field(settings.body, "disable_signup") === true) {
    findings.push(
      warning(
        "signup",
        "Sign-ups are off: nobody can register over the APIs.",
        "Allow new users, if that is not meant.",
      ),
    );
  }
  return findings;
}

function clock(date: string | null, now: number): Finding {
  const skew = Math.round((now - Date.parse(date ?? "")) / 1000);
  if (Number.isNaN(skew)) {
    return warning("clock", "The project does not say what time it is.", "Check the proxy before it.");
  }
  if (Math.abs(skew) <= MAX_SKEW_S) return ok("clock", "This machine and the project agree on the time.");
  return warning(
    "clock",
    `This machine is ${Math.abs(skew)} s ${skew > 0 ? "ahead of" : "behind"} the project.`,
    "Set the clock of the machine, or use withDeviceClock() of parley-client: else tokens seem to be expired.",
  );
}

async function signing(api: ProjectApi): Promise<Finding> {
  const { body } = await api.call("auth/v1/.well-known/jwks.json");
  const keys = field(body, "keys");
  const algorithms = Array.isArray(keys) ? keys.map((key) => String(field(key, "alg") ?? field(key, "kty"))) : [];
  if (algorithms.length > 0) return ok("tokens", `Tokens are signed with ${[...new Set(algorithms)].join(", ")}.`);
  return warning(
    "tokens",
    "Tokens are signed with a shared secret (HS256), so functions ask Auth about each of them.",
    "Move to signing keys (JWT keys in the settings), or set JWT_SECRET among the secrets of the functions.",
  );
}
