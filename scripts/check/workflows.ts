// Fails when a workflow does without what each of ours has: actions named by their commit, no permission that a job does not ask
// for, a concurrency group, and limits on time. actionlint checks that it is one.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { parse } from "yaml";
import { listFiles } from "./files.ts";

/** The parts that this reads. */
interface Workflow {
  permissions?: Record<string, string>;
  concurrency?: object;
  jobs: Record<string, { "timeout-minutes"?: number }>;
}

/** The commit of an action, and its version for people and for Dependabot. */
const PINNED = /^\s*(?:- )?uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;

async function problemsOf(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8");
  const { permissions = {}, concurrency, jobs }: Workflow = parse(text);
  const isReading = JSON.stringify(permissions) === JSON.stringify({ contents: "read" });
  const unpinned = text.split("\n").filter((line) => /^\s*(?:- )?uses:/.test(line) && !PINNED.test(line));
  const endless = Object.entries(jobs).filter(([, job]) => !job["timeout-minutes"]);
  return [
    ...(isReading ? [] : [`${path}: permissions for all jobs are not contents: read.`]),
    ...(concurrency ? [] : [`${path}: there is no concurrency group.`]),
    ...endless.map(([name]) => `${path}: the job ${name} has no timeout-minutes.`),
    ...unpinned.map((line) => `${path}: ${line.trim()} names no commit with its version: @<40 digits> # v1.2.3.`),
  ];
}

const problems = (await Promise.all(listFiles(".github/workflows").map(problemsOf))).flat();
if (problems.length > 0) {
  console.error(problems.join("\n"));
  process.exit(1);
}
