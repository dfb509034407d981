import { readdir } from "node:fs/promises";
import process from "node:process";
import { jwtVerify } from "jose";
import postgres from "postgres";
import { findingsOf } from "../../client/cli/src/doctor/doctor.ts";
import { ProjectApi } from "../../client/cli/src/doctor/project_api.ts";
import { RELEASE } from "../../client/sdk/src/contract/release.ts";
import type { Status } from "../support/stack.ts";

/** What the tests read of a stack, and the names under which `supabase status -o env` prints it. */
export const NAMES = {
  api_url: "API_URL",
  publishable_key: "PUBLISHABLE_KEY",
  secret_key: "SECRET_KEY",
  anon_key: "ANON_KEY",
  service_role_key: "SERVICE_ROLE_KEY",
  jwt_secret: "JWT_SECRET",
  db_url: "DB_URL",
} as const;
const KEYS = ["publishable_key", "secret_key", "anon_key", "service_role_key"] as const;

/** Ends the program with a sentence. */
export class TargetError extends Error {}

/**
 * The project to test, as the environment names it.
 * @param url instead of API_URL. @param key instead of PUBLISHABLE_KEY.
 * @throws TargetError when something is not given.
 */
export function targetOf(url = process.env.API_URL, key = process.env.PUBLISHABLE_KEY): Status {
  const given: NodeJS.ProcessEnv = { ...process.env, API_URL: url, PUBLISHABLE_KEY: key };
  const missing = Object.values(NAMES).filter((name) => !given[name]);
  if (missing.length > 0) {
    throw new TargetError(`The environment lacks ${missing.join(", ")}: npm run test:platform -- --help.`);
  }
  const values = Object.fromEntries(Object.entries(NAMES).map(([name, variable]) => [name, given[variable]!]));
  const target = values as Record<keyof typeof NAMES, string>;
  if (!/^postgres(ql)?:/.test(target.db_url) || !URL.canParse(target.db_url)) {
    throw new TargetError("DB_URL is not an address such as postgresql://postgres:…@host:5432/postgres.");
  }
  if (!/^https?:/.test(target.api_url) || !URL.canParse(target.api_url)) {
    throw new TargetError("API_URL is not a URL such as https://abcdefghijklmnopqrst.supabase.co.");
  }
  const { origin } = new URL(target.api_url);
  return {
    ...target,
    api_url: origin,
    functions_url: `${origin}/functions/v1`,
    jwks: `${origin}/auth/v1/.well-known/jwks.json`,
    // Tests that look at the processes of a stack are left out.
    pid: process.pid,
    served: {},
  };
}

/** @throws TargetError, or CliError, with what is wrong with the project or what was given, in one sentence each. */
export async function checkTarget(target: Status): Promise<void> {
  const { api_url: url, publishable_key: key, secret_key: secretKey, db_url: databaseUrl } = target;
  await checkKeys(target, new ProjectApi(new URL(url), key, secretKey));
  const functions = (await readdir("functions")).filter((name) => /^[a-z-]+$/.test(name));
  const findings = await findingsOf({ url, key, secretKey, databaseUrl, functions, release: RELEASE });
  const isOther = ({ check, status }: typeof findings[0]) => check === "release" && status !== "ok";
  const problems = findings.filter((finding) => finding.status === "failed" || isOther(finding));
  // Without its database or Parley in it, the rest fails as well.
  const cause = problems.find(({ check }) => check === "database");
  const named = cause ? [cause] : problems;
  if (named.length > 0) throw new TargetError(named.map(({ says }) => says).join("\n"));
  await checkPurpose(databaseUrl);
}

async function checkKeys(target: Status, api: ProjectApi): Promise<void> {
  for (const name of KEYS) {
    const { status } = await api.call("auth/v1/settings", { key: target[name] });
    if (status !== 200) {
      throw new TargetError(`${api.url.origin} answers ${status} to ${NAMES[name]}: it is not its key.`);
    }
  }
  await jwtVerify(target.anon_key, new TextEncoder().encode(target.jwt_secret)).catch(() => {
    throw new TargetError("ANON_KEY is not signed with JWT_SECRET: one of them is of another project.");
  });
}

/** The tests write into the project, and run its jobs: nobody else may use it. */
async function checkPurpose(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, prepare: false });
  const [found] = await sql<[{ is_tested: boolean; accounts: number }]>`
    select to_regnamespace('tests') is not null as is_tested, (select count(*)::integer from auth.users) as accounts`;
  await sql.end();
  if (!found.is_tested && found.accounts > 0) {
    throw new TargetError(`The project has ${found.accounts} accounts: the tests write into it, so it must be empty.`);
  }
}
