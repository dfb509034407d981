// Fails when a commit since BASE is not a conventional commit with a header of at most 72 characters. With a file, as
// the hook commit-msg calls it, it checks the message in that file.
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import process from "node:process";
import conventional from "@commitlint/config-conventional";
import lint from "@commitlint/lint";

/** Earlier commits keep their messages. */
const BASE = "754e7fd52476237cdbf1af965893ea216f63845a";
const MAX_HEADER = 72;

const rules = { ...conventional.rules, "header-max-length": [2, "always", MAX_HEADER] } as Parameters<typeof lint>[1];
/** `type(scope)!: subject` */
const parserOpts = { headerPattern: /^(\w*)(?:\((.*)\))?!?: (.*)$/ };

const git = (...options: string[]) => spawnSync("git", options, { encoding: "utf8" });

/** The messages since BASE: none without git, or in a clone that is too shallow. */
function messages(): string[] {
  const { status, stdout } = git("log", "--format=%B%x00", `${BASE}..HEAD`);
  return status === 0 ? stdout.split("\0").map((message) => message.trim()).filter(Boolean) : [];
}

/** What git leaves out of a message that was edited. */
const withoutComments = (text: string) => text.replace(/^#.*$/gm, "").trim();

const [file] = process.argv.slice(2);
const given = file ? [withoutComments(await readFile(file, "utf8"))] : messages();
const outcomes = await Promise.all(given.map((message) => lint(message, rules, { parserOpts })));
const problems = outcomes.flatMap(({ input, errors }) =>
  errors.map(({ message }) => `"${input.split("\n")[0]}": ${message}.`)
);
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
