// npm run invite -- --name NAME: invites the imported people who have an address and no account, by Auth's mails.
import process from "node:process";
import { parseArgs } from "node:util";
import { createClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { projectOf } from "./import/project.ts";
import { Refusal } from "./import/refusal.ts";

const USAGE = `npm run invite -- [--name NAME] [--redirect-to URL] [--dry-run]
  [--data DIR, or --db-url URL --api-url URL with the secret key in SECRET_KEY]
  NAME: what the import is called; without it, the people of all imports are invited.`;

interface Person {
  email: string;
  first_name: string;
  last_name: string;
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        name: { type: "string" },
        "redirect-to": { type: "string" },
        "dry-run": { type: "boolean", default: false },
        "db-url": { type: "string" },
        "api-url": { type: "string" },
        data: { type: "string", default: ".local" },
      },
    }).values;
  } catch (error) {
    throw new Refusal(`${(error as Error).message}\n${USAGE}`);
  }
}

/** Who may be invited: one of the imported people of each address that no account has. */
async function peopleOf(dbUrl: string, name: string | undefined): Promise<Person[]> {
  const sql = postgres(dbUrl, { max: 1, onnotice: () => {} });
  try {
    return await sql<Person[]>`
      select distinct on (addresses.email) addresses.email, first_name, last_name
      from chat_private.imported_addresses as addresses
      join auth.users as imported on imported.id = addresses.user_id
      join chat.profiles on profiles.id = addresses.user_id
      where (${name ?? null}::text is null or imported.raw_app_meta_data ->> 'imported_from' = ${name ?? null})
        and not exists (select from auth.users where users.email = addresses.email)
      order by addresses.email, profiles.number`;
  } finally {
    await sql.end();
  }
}

/** Invites them; returns the exit code: 2 when somebody could not be invited. */
async function run(): Promise<number> {
  const values = readOptions();
  const { dbUrl, apiUrl, secretKey } = await projectOf(values, USAGE);
  const people = await peopleOf(dbUrl, values.name);
  if (values["dry-run"]) {
    for (const { email } of people) console.log(email);
    console.log(`${people.length} would be invited.`);
    return 0;
  }
  const { auth } = createClient(apiUrl, secretKey, { auth: { persistSession: false, autoRefreshToken: false } });
  let invited = 0;
  let failed = 0;
  for (const { email, first_name, last_name } of people) {
    const { error } = await auth.admin.inviteUserByEmail(email, {
      data: { first_name, last_name },
      redirectTo: values["redirect-to"],
    });
    if (error?.status === 429) {
      console.error(
        `Auth sends no more mails for now: ${people.length - invited - failed} wait. Run this again later.`,
      );
      failed++;
      break;
    }
    if (error) console.error(`${email}: ${error.message}`);
    error ? failed++ : invited++;
  }
  console.log(`Invited ${invited} of ${people.length}.`);
  return failed > 0 ? 2 : 0;
}

run().then((code) => process.exit(code), (error) => {
  console.error(error instanceof Refusal ? error.message : `Nobody else was invited: ${(error as Error).message}`);
  process.exit(1);
});
