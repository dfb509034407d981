import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = await mkdtemp(`${root}tests/client/.package-`);
const installed = `${folder}/node_modules/parley-client`;
const run = promisify(execFile);
const tsc = (...options: string[]) =>
  run("node", [`${root}node_modules/typescript/bin/tsc`, ...options], { cwd: folder });

/** As the README says: packs the client, and unpacks it where a program finds it. */
beforeAll(async () => {
  await mkdir(`${root}client/sdk/dist`, { recursive: true });
  await writeFile(`${root}client/sdk/dist/renamed_since.js`, "");
  await run("npm", ["pack", "./client/sdk", "--pack-destination", folder], { cwd: root });
  await mkdir(installed, { recursive: true });
  const [archive] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  await run("tar", ["xzf", archive!, "-C", installed, "--strip-components=1"], { cwd: folder });
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

test("the package has the build with its types, the licence and the README, and nothing else", async () => {
  const files = (await readdir(installed, { recursive: true, withFileTypes: true })).filter((each) => each.isFile())
    .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(installed.length + 1));
  const sources = (await readdir(`${root}client/sdk/src`, { recursive: true })).filter((name) => name.endsWith(".ts"));
  const built = sources.map((name) => name.replace(/\.ts$/, "")).flatMap((
    name,
  ) => [`dist/${name}.js`, `dist/${name}.d.ts`]);
  expect(files.sort()).toEqual(["LICENSE", "README.md", "package.json", ...built].sort());
  expect(await readFile(`${installed}/LICENSE`, "utf8")).toBe(await readFile(`${root}LICENSE`, "utf8"));
});

const strict = [
  ...["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess", "--ignoreConfig"],
  ...["--target", "es2022", "--lib", "es2022,dom", "--types", ""],
];

const program = (code: string) => `
  import { createClient } from "@supabase/supabase-js";
  import { createChat, type Database, type RoomMessage } from "parley-client";
  const chat = createChat(createClient("http://localhost", "key"));
  createChat(createClient<Database, "chat">("http://localhost", "key", { db: { schema: "chat" } }));
  const messages: readonly RoomMessage[] = chat.rooms.open(1).getSnapshot().messages;
  ${code}`;

/** A compiler's errors about a program, except those about supabase-js, which does not pass such strict checks. */
async function complaints(resolution: string, code: string): Promise<string[]> {
  const path = `${folder}/${crypto.randomUUID()}.mts`;
  await writeFile(path, program(code));
  const modules = ["--module", resolution === "nodenext" ? "nodenext" : "esnext", "--moduleResolution", resolution];
  const { stdout } = await tsc(...strict, ...modules, path).catch((failure: { stdout: string }) => failure);
  return stdout.split("\n").filter((line) => /^\S.*error/.test(line) && !line.includes("/@supabase/"));
}

test.each(["nodenext", "bundler"])("its types pass strict checks of the whole program, by %s", async (resolution) => {
  expect(await complaints(resolution, `messages[0]?.content.trim();`)).toEqual([]);
  expect(await complaints(resolution, `messages[0]?.contents.trim();`)).toEqual([
    expect.stringContaining("'contents' does not exist"),
  ]);
});
