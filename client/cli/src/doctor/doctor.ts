import { CliError, EXIT, print } from "../terminal.ts";
import { checkAuth } from "./auth.ts";
import { checkData } from "./data.ts";
import { checkDatabase } from "./database.ts";
import { failed, type Finding, skipped } from "./finding.ts";
import { checkFunctions } from "./functions.ts";
import { checkPlatform, type Platform } from "./platform.ts";
import { ProjectApi } from "./project_api.ts";
import { checkRealtime } from "./realtime.ts";

export interface DoctorOptions {
  url: string;
  key: string;
  secretKey?: string;
  databaseUrl?: string;
  platform?: Platform;
  /** The functions that the project wants. */
  functions: string[];
  release: string;
  json: boolean;
}

/** Checks a running project and prints what it finds. @returns the exit code. */
export async function examine(options: DoctorOptions): Promise<number> {
  const findings = await findingsOf(options);
  const count = (status: Finding["status"]) => findings.filter((finding) => finding.status === status).length;
  const isWell = count("failed") === 0;
  const lines = findings.map(({ status, says, todo }) =>
    `${status.padEnd(8)} ${says}${todo ? `\n         → ${todo}` : ""}`
  );
  const numbers = (["ok", "warning", "failed", "skipped"] as const).map((status) => `${count(status)} ${status}`);
  const text = options.json
    ? JSON.stringify({ ok: isWell, findings }, null, 2)
    : `${lines.join("\n")}\n\n${numbers.join(", ")}`;
  print(withoutSecrets(text, options));
  return isWell ? EXIT.done : EXIT.refused;
}

/** An error of the database or of a proxy may repeat what it was given. */
function withoutSecrets(text: string, { secretKey, databaseUrl, platform }: DoctorOptions): string {
  const password = databaseUrl && URL.canParse(databaseUrl) ? decodeURIComponent(new URL(databaseUrl).password) : "";
  const secrets = [secretKey, databaseUrl, platform?.token, password.length >= 8 ? password : ""];
  return secrets.reduce<string>((shown, secret) => secret ? shown.replaceAll(secret, "…") : shown, text);
}

/** Checks a running project. @throws CliError when its address is invalid. */
export async function findingsOf(
  { url, key, secretKey, databaseUrl, platform, functions, release }: Omit<DoctorOptions, "json">,
): Promise<Finding[]> {
  const api = new ProjectApi(addressOf(url), key, secretKey);
  const auth = await caught("project", () => checkAuth(api));
  // Without the project, or its key, the rest would only fail in the same way.
  if (auth.some(({ status, check }) => status === "failed" && ["project", "key"].includes(check))) return auth;
  const others = await Promise.all([
    caught("schema", () => checkData(api, release)),
    caught("functions", () => checkFunctions(api, functions, release)),
    caught("realtime", () => checkRealtime(api)),
    databaseUrl
      ? caught("database", () => checkDatabase(databaseUrl))
      : [skipped("database", "Policies of Realtime, background jobs, connections and timeouts.", "Add --db-url.")],
    caught("platform", () => checkPlatform(platform)),
  ]);
  return [...auth, ...others.flat()];
}

async function caught(check: string, run: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [failed(check, error.message, "Check the address, and the network between.")];
  }
}

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol)) return new URL("/", url);
  throw new CliError(
    "--url must be the address of the project, such as https://abcdefghijklmnopqrst.supabase.co.",
    EXIT.usage,
  );
}
