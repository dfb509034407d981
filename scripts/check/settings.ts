// Fails when .env.example does not list exactly the settings that the functions read.
import { readdir, readFile } from "node:fs/promises";
import process from "node:process";

const root = new URL("../../", import.meta.url);
/** What the platform sets, `npm start` included. */
const given = /^(SUPABASE|SB|DENO|GATEWAY)_/;
/** Doors for tests: other addresses of Google. */
const forTests = new Set(["GOOGLE_TOKEN_URL", "PARLEY_GOOGLE_ISSUER", "PARLEY_GOOGLE_JWKS_URL"]);

async function sources(folder: string): Promise<string[]> {
  const names = await readdir(new URL(folder, root), { recursive: true });
  const texts = names.filter((name) => name.endsWith(".ts")).map((name) =>
    readFile(new URL(folder + name, root), "utf8")
  );
  return (await Promise.all(texts)).filter((text) => text.includes("Deno.env"));
}

const read = new Set(
  (await sources("functions/"))
    .flatMap((text) => [...text.matchAll(/"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)"/g)].map(([, name]) => name!))
    .filter((name) => !given.test(name) && !forTests.has(name)),
);
const example = await readFile(new URL(".env.example", root), "utf8");
const listed = new Set([...example.matchAll(/^# ?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name!));

const problems = [
  ...[...read].filter((name) => !listed.has(name)).map((name) => `.env.example lacks the setting ${name}.`),
  ...[...listed].filter((name) => !read.has(name)).map((name) => `.env.example lists ${name}, which nothing reads.`),
];
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
