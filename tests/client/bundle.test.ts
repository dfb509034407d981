import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = await mkdtemp(`${root}/tests/client/.bundle-`);
const run = promisify(execFile);
const tsc = (...options: string[]) =>
  run("node", [`${root}/node_modules/typescript/bin/tsc`, ...options], { cwd: root });

beforeAll(async () => {
  await tsc("--project", "client/sdk/tsconfig.json", "--outDir", `${folder}/dist`);
});
afterAll(() => rm(folder, { recursive: true }));

/** The output of a bundler for a program that uses the built package. */
async function bundle(program: string): Promise<string> {
  const input = `${folder}/${crypto.randomUUID()}.js`;
  await writeFile(input, program.replace("parley-client", "./dist/index.js"));
  const { generate, close } = await rolldown({ input, external: [/^@supabase\//], logLevel: "warn" })
    .then((built) => ({ generate: built.generate.bind(built), close: built.close.bind(built) }));
  const { output: [{ code, imports }] } = await generate({ format: "esm", minify: true });
  await close();
  expect(imports).toEqual([]);
  return code;
}

const size = (code: string) => gzipSync(code).length;

test("the whole package weighs less than 28 kB, and imports nothing", async () => {
  expect(size(await bundle(`export * from "parley-client"`))).toBeLessThan(29_000);
});

test("unused parts are left out", async () => {
  const all = size(await bundle(`export { createChat } from "parley-client"`));
  const talks = await bundle(`export { Connection, Conversations } from "parley-client"`);
  expect(size(talks)).toBeLessThan(0.6 * all);
  expect(talks).not.toContain("send_message");
  expect(size(await bundle(`export { ChatError } from "parley-client"`))).toBeLessThan(1_000);
});
