// Fails where a text uses a word that plain English has a better one for: deno run -A scripts/check/english.ts [FOLDER …].
import { readFile } from "node:fs/promises";
import process from "node:process";
import { listFiles } from "./files.ts";

/** What not to write, and what to write instead. */
const BANNED: [words: RegExp, better: string][] = [
  [/\banew\b/i, "again"],
  [/\bthereby\b/i, "so, which"],
  [/\bwhoever\b/i, "anyone who, the caller"],
  [/\bone''?s\b/i, "your, the caller's"],
  [/\b(is|are|was|were|be|been|being) told\b/i, "receives, is notified"],
  [/\btold apart\b/i, "distinguished"],
  [/\b(tells?|telling) of\b/i, "reports, names"],
  [/\bhears? of\b/i, "learns of, receives"],
  [/\bwho (is|are|has|have|was|were) (no|none|nobody|nothing)\b/i, "who is not, who has no"],
  [/\bwhat (is|are|was|were) (no|none|nobody's)\b/i, "anything else, an invalid value"],
  [/\bthere is none of\b/i, "it has no"],
  [/\bfor ever\b/i, "forever"],
  [/\b(is|are|was|were) to be\b/i, "must be, will be"],
  [/\bbut for\b/i, "except for"],
  [/\bwithout a word\b/i, "silently"],
];

/** A title of a test that begins as the second half of a sentence: each says its rule by itself. */
const FRAGMENT = {
  ts: /\b(test|describe)(\.\w+(\(.*\))?)?\(\s*["'`](nor|and|or|but) /,
  sql: /(?<=^\s*|, |\bformat\()'(nor|and|or|but) ([^']|'')*'(?=\s*\)|,?$)/,
};

/** Folders and files whose English is plain: a new one stays so. */
const CLEAN = "README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md client docs functions local scripts sql tests".split(
  " ",
);
const TEXT = /\.(ts|tsx|mjs|js|sql|md|css|html)$/;
const IGNORED = /\/fixtures\/|^scripts\/check\/english\.ts$/;

const given = process.argv.slice(2);
const paths = listFiles(...(given.length > 0 ? given : CLEAN)).filter((path) => TEXT.test(path) && !IGNORED.test(path));
const problems: string[] = [];
for (const path of paths) {
  const fragment = /\.test\.(ts|sql)$/.exec(path)?.[1] as keyof typeof FRAGMENT | undefined;
  (await readFile(path, "utf8")).split("\n").forEach((line, index) => {
    const half = fragment && FRAGMENT[fragment].exec(line)?.[0];
    if (half) problems.push(`${path}:${index + 1}: ${half.trim()}; better: a title that is a sentence of its own`);
    for (const [words, better] of BANNED) {
      const found = words.exec(line)?.[0];
      if (found) problems.push(`${path}:${index + 1}: "${found}"; better: ${better}`);
    }
  });
}
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
