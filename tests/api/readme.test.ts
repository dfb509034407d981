import { execFile, spawn } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(`${root}/README.md`, "utf8");
const status = inject("status");
const env = { ...process.env, API_URL: status.api_url, PUBLISHABLE_KEY: status.publishable_key };

/** The first code block of a language after a heading. */
function block(heading: string, language: string): string {
  const [, after] = readme.split(`## ${heading}\n`);
  return after!.split(`\`\`\`${language}\n`)[1]!.split("```")[0]!;
}

test("the supabase-js program receives the message that it sends", async () => {
  const path = `${root}/tests/.hello.mjs`;
  writeFileSync(path, block("With supabase-js", "js"));
  const program = spawn(process.execPath, [path], { cwd: root, env });
  try {
    const heard = await new Promise<string>((resolve, reject) => {
      program.stdout.once("data", (data) => resolve(String(data)));
      program.once("exit", (code) => reject(new Error(`It ended with ${code}.`)));
    });
    expect(heard).toBe("message.created Hello!\n");
  } finally {
    program.kill();
    rmSync(path);
  }
});

test("the curl session ends with the history", async () => {
  const username = `carl-${crypto.randomUUID()}`;
  const script = block("With curl", "sh").replace(/eval "[^"]*"/, ":").replace("carl'$$'", username);
  const { stdout } = await promisify(execFile)("bash", ["-euc", script], { env });
  expect(stdout).toContain(`"sender_username":"${username}","text":"Hello!"`);
});
