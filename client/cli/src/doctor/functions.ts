import { compared } from "./data.ts";
import { failed, type Finding, ok, warning } from "./finding.ts";
import { field, type ProjectApi } from "./project_api.ts";

const DEPLOY = "Run npx supabase functions deploy --use-api.";
/** Those that the SDK and the page use. */
const NEEDED = ["accounts", "assistant"];
const FOREIGN = "https://parley-doctor.example";

/** Whether the functions are there, answer everybody, and know their address. */
export async function checkFunctions(api: ProjectApi, names: string[], release: string): Promise<Finding[]> {
  const found = await Promise.all(names.map((name) => checkFunction(api, name, release)));
  const findings = found.map(({ finding }) => finding);
  const [first] = names.filter((_, index) => found[index]!.isThere);
  if (first) findings.push(await checkOrigins(api, first));
  const pages = names.indexOf("chat-sessions");
  if (found[pages]?.isThere) findings.push(...await checkPages(api));
  return findings;
}

async function checkFunction(api: ProjectApi, name: string, release: string) {
  const check = `function ${name}`;
  const { status, body } = await api.call(`functions/v1/${name}/api/schema/`, { key: null });
  const version = field(body, "info", "version");
  if (status === 200 && typeof version === "string") {
    return { isThere: true, finding: compared(check, `The function ${name}`, version, release) };
  }
  const code = String(field(body, "code") ?? "");
  return { isThere: false, finding: absent(check, name, status, code) };
}

function absent(check: string, name: string, status: number, code: string): Finding {
  if (status === 404) {
    const judged = NEEDED.includes(name) ? failed : warning;
    return judged(
      check,
      `The function ${name} is not deployed.`,
      `${DEPLOY} A function that nobody uses may be missing.`,
    );
  }
  if (status === 401) {
    const todo = `Keep verify_jwt = false in [functions.${name}] of config.toml, and deploy again.`;
    return failed(check, `The platform asks for a token before the function ${name}.`, todo);
  }
  return failed(check, `The function ${name} answers ${status} ${code}.`, "Look into its logs in the dashboard.");
}

/** CORS: pages of any origin may call the functions and the Data API. */
async function checkOrigins(api: ProjectApi, name: string): Promise<Finding> {
  const headers = {
    Origin: FOREIGN,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "apikey",
  };
  for (const path of [`functions/v1/${name}/api/schema/`, "rest/v1/", "auth/v1/token"]) {
    const answer = await api.call(path, { method: "OPTIONS", headers, key: null });
    const allowed = answer.headers.get("access-control-allow-origin");
    if (allowed === "*" || allowed === FOREIGN) continue;
    const todo = "Check the proxy before the project: browsers need Access-Control-Allow-Origin.";
    return failed("cors", `Pages of other origins may not call ${path}.`, todo);
  }
  return ok("cors", "Pages of every origin may call the functions, the Data API and Auth.");
}

/** The pages of `chat-sessions`: they are HTML, and refuse forms of other sites only. */
async function checkPages(api: ProjectApi): Promise<Finding[]> {
  const { origin } = api.url;
  const own = await api.call("functions/v1/chat-sessions/accounts/logout/", {
    method: "POST",
    headers: { Origin: origin },
    key: null,
  });
  const page = await api.call("functions/v1/chat-sessions/accounts/login/", { key: null });
  const isHtml = page.headers.get("content-type")?.startsWith("text/html");
  return [
    own.status === 403
      ? failed(
        "address",
        `The functions do not know that clients reach them at ${origin}: their links lead elsewhere, cookies are refused.`,
        `Set the secret PUBLIC_URL to ${origin}, or TRUSTED_PROXIES behind proxies of your own.`,
      )
      : ok("address", `The functions know that clients reach them at ${origin}.`),
    isHtml
      ? ok("pages", "The pages of chat-sessions are HTML.")
      : warning("pages", "The platform serves the pages of chat-sessions as plain text.", "They need a custom domain."),
  ];
}
