import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Stack, startStack, temporaryFolder } from "../local/run.ts";
import { appClient, client, database } from "../support/clients.ts";

// Invitations by Auth's own mails, which the other tests have only the links of.
let stack: Stack;
let folder: string;
beforeAll(async () => {
  stack = await startStack();
  folder = await temporaryFolder();
});
afterAll(() => stack.stop());

/** Runs a script of this repository on the stack. */
function run(script: string, ...options: string[]): Promise<{ code: number; output: string }> {
  const { db_url, api_url, secret_key } = stack.status;
  const more = script === "invite" ? ["--api-url", api_url] : [];
  const command = ["run", "-A", `scripts/${script}.ts`, ...options, "--db-url", db_url, ...more];
  const env = { ...process.env, SECRET_KEY: secret_key, NO_COLOR: "1" };
  return new Promise((resolve) => {
    execFile("node_modules/.bin/deno", command, { env }, (error, output, errors) => {
      resolve({ code: error ? Number(error.code ?? 1) : 0, output: output + errors });
    });
  });
}

test("imported people are invited once, and those who answer take over their history", async () => {
  const sql = database(stack.status);
  const records = [
    { type: "person", id: "ann", name: "Ann Smith", email: "ann@example.com" },
    { type: "person", id: "bob", name: "Bob", email: "bob@example.com" },
    { type: "person", id: "carol", name: "Carol" },
    { type: "room", id: "r", kind: "group", name: "R", authors_are_members: true },
    { type: "message", room: "r", id: "1", sender: "ann", sent_at: "2024-01-01T00:00:00Z", text: "by Ann" },
  ];
  const file = join(folder, "r.jsonl");
  await writeFile(file, records.map((line) => JSON.stringify(line)).join("\n"));
  expect((await run("import", "parley", file)).code).toBe(0);

  const dry = await run("invite", "--dry-run");
  expect(dry.output).toBe("ann@example.com\nbob@example.com\n2 would be invited.\n");
  expect(await run("invite", "--name", "other")).toEqual({ code: 0, output: "Invited 0 of 0.\n" });
  expect(await run("invite", "--name", "parley")).toEqual({ code: 0, output: "Invited 2 of 2.\n" });
  expect(await run("invite")).toEqual({ code: 0, output: "Invited 0 of 0.\n" });

  // An invitation proves nothing until it is answered.
  await sql`select chat_private.job_link_people()`;
  expect(await sql`select from chat_private.imported_addresses`).toHaveLength(2);
  const service = appClient({ stack: stack.status, key: stack.status.secret_key });
  const { data } = await service.auth.admin.generateLink({ type: "invite", email: "ann@example.com" });
  const supabase = client({ stack: stack.status });
  const { error } = await supabase.auth.verifyOtp({ type: "invite", token_hash: data.properties!.hashed_token });
  expect(error).toBeNull();
  await sql`select chat_private.job_link_people()`;
  const messages = await supabase.from("messages").select("content");
  expect(messages.data).toEqual([{ content: "by Ann" }]);
  await sql.end();
});
