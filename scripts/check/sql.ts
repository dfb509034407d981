// Checks the style of SQL with Postgres's own scanner: lowercase keywords, two spaces, no tabs, lines of at most 140.
import { loadModule, scanSync } from "@libpg-query/parser";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";

const widest = 140;

function lineProblem(line: string): string | undefined {
  if (line.includes("\t")) return "a tab";
  if (line.trimEnd() !== line) return "space at the end of the line";
  if (line.length > widest) return `a line of ${line.length} characters (at most ${widest})`;
}

/** Scans the text and, one level down, what stands between its dollar quotes. */
function* shoutedWords(text: string): Generator<{ word: string; offset: number }> {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  for (const token of scanSync(text).tokens) {
    // The scanner counts bytes.
    const offset = decoder.decode(bytes.subarray(0, token.start)).length;
    if (token.keywordKind !== 0 && token.text !== token.text.toLowerCase()) yield { word: token.text, offset };
    const body = /^(\$\w*\$)(.*)\1$/s.exec(token.text);
    if (body?.[1] === undefined || body[2] === undefined) continue;
    for (const inner of shoutedWords(body[2])) yield { ...inner, offset: offset + body[1].length + inner.offset };
  }
}

async function problemsOf(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8");
  const problems = text.split("\n").flatMap((line, index) => {
    const problem = lineProblem(line);
    return problem ? [`${path}:${index + 1}: ${problem}`] : [];
  });
  for (const { word, offset } of shoutedWords(text)) {
    problems.push(`${path}:${text.slice(0, offset).split("\n").length}: ${word} is not in lowercase`);
  }
  if (!text.endsWith("\n") || text.endsWith("\n\n")) problems.push(`${path}: does not end with one line break`);
  return problems;
}

async function sqlFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  return names.filter((name) => name.endsWith(".sql")).map((name) => join(folder, name));
}

await loadModule();
const files = (await Promise.all(process.argv.slice(2).map(sqlFiles))).flat().sort();
const problems = (await Promise.all(files.map(problemsOf))).flat();
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
