import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { supabaseCli } from "../support/supabase_cli.ts";

const { program, remote, env } = supabaseCli(inject("status").db_url);

interface Lint {
  name: string;
  level: string;
  detail: string;
  metadata?: { schema?: string };
}

/** Runs the real Supabase CLI on the test database; it answers JSON. */
async function supabase<Answer>(...command: string[]): Promise<Answer> {
  const options = [...command, remote, "--output-format", "json"];
  const { stdout } = await promisify(execFile)(program, options, { env, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout);
}

test("supabase db push finds nothing to push", async () => {
  const answer = await supabase<{ upToDate: boolean; migrations: unknown[] }>("db", "push", "--dry-run");
  expect(answer).toMatchObject({ upToDate: true, migrations: [] });
});

test("supabase db advisors warn of nothing in Parley's schemas", async () => {
  const { results } = await supabase<{ results: Lint[] }>("db", "advisors", "--level", "info");
  expect(results).not.toHaveLength(0);
  const warnings = results.filter(({ level, metadata, detail }) => {
    const isOurs = metadata?.schema?.startsWith("chat") ?? /\bchat(_private)?\b/.test(detail);
    return isOurs && level !== "INFO";
  });
  expect(warnings).toEqual([]);
});
