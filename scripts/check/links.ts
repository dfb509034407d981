// Fails when a Markdown file links to a file or heading that does not exist, or names a path of the repository that does
// not: `sql/300_rooms.sql`. Comments of sources that name a page, docs/data-model.md#topics-and-epochs, are links, too.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import process from "node:process";
import { listFiles } from "./files.ts";

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const PAGE = /\bdocs\/[\w./-]+\.md(?:#[\w-]+)?/g;
const PATH = /`((?:client|docs|functions|local|scripts|sql|supabase|tests)\/[\w./-]*)`/g;

/** Text without code blocks, which hold examples. */
const prose = (text: string) => text.replace(/^```[\s\S]*?^```/gm, "");

/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string) =>
  heading.replace(/^#+\s+/, "").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-");

const anchors = new Map<string, Promise<Set<string>>>();

async function readAnchors(file: string): Promise<Set<string>> {
  return new Set(prose(await readFile(file, "utf8")).match(/^#+\s.*$/gm)?.map(anchorOf));
}

async function brokenLink(file: string, link: string): Promise<boolean> {
  if (/^[a-z]+:/.test(link)) return false;
  const [path = "", anchor] = link.split("#");
  const target = path ? normalize(join(dirname(file), decodeURIComponent(path))) : file;
  if (!existsSync(target)) return true;
  if (!anchor || !target.endsWith(".md")) return false;
  if (!anchors.has(target)) anchors.set(target, readAnchors(target));
  return !(await anchors.get(target)!).has(anchor);
}

/** Built files need not be there. */
const isThere = (path: string) => existsSync(path) || spawnSync("git", ["check-ignore", path, `${path}/`]).status === 0;

async function problemsOf(file: string): Promise<string[]> {
  const text = prose(await readFile(file, "utf8"));
  const problems: string[] = [];
  for (const [, link] of text.matchAll(LINK)) {
    if (await brokenLink(file, link!)) problems.push(`${file}: ${link} leads nowhere.`);
  }
  for (const [, path] of text.matchAll(PATH)) {
    if (![path!, join(dirname(file), path!)].some(isThere)) problems.push(`${file}: there is no ${path}.`);
  }
  return problems;
}

async function problemsOfSource(file: string): Promise<string[]> {
  const problems: string[] = [];
  for (const [link] of (await readFile(file, "utf8")).matchAll(PAGE)) {
    if (await brokenLink("README.md", link)) problems.push(`${file}: ${link} leads nowhere.`);
  }
  return problems;
}

const problems = (await Promise.all([
  ...listFiles("*.md").map(problemsOf),
  ...listFiles("*.ts", "*.tsx", "*.mjs", "*.sql").map(problemsOfSource),
])).flat();
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
