import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Mutant } from "./list.ts";
import type { Suite } from "./suites.ts";

/** The files of sql/, by the name that they share with their tests. */
export async function readSources(): Promise<Map<string, string>> {
  const names = (await readdir("sql")).filter((name) => name.endsWith(".sql"));
  const entries = names.map(async (name) =>
    [name.replace(".sql", ""), await readFile(join("sql", name), "utf8")] as const
  );
  return new Map(await Promise.all(entries));
}

/** Whether the suite may also kill mutants that it is not about. All permissions together take less time than object by object. */
export function isGeneral({ name, text }: Suite): boolean {
  return name !== "permissions" || text === "";
}

/**
 * The suites that are about the mutant, the one most likely to kill it first; of two equal ones, the faster. Then the others. Long
 * ones are at the end of both.
 */
export function inOrder(
  suites: Suite[],
  mutant: Mutant,
  sources: Map<string, string>,
): { about: Suite[]; others: Suite[] } {
  const likelihood = new Map(suites.map((suite) => [suite, score(suite, mutant, sourceOf(suite, sources))]));
  const sorted = suites.toSorted((one, other) =>
    Number(one.isLong) - Number(other.isLong) || likelihood.get(other)! - likelihood.get(one)! ||
    one.milliseconds - other.milliseconds
  );
  const isAbout = (suite: Suite) => likelihood.get(suite)! > 0;
  return {
    about: sorted.filter(isAbout),
    others: sorted.filter((suite) => !isAbout(suite) && isGeneral(suite)),
  };
}

/** The file that a suite is named after, as 460_pins is that of 460_pins_events; empty when there is none. */
function sourceOf({ name }: Suite, sources: Map<string, string>): string {
  return [...sources].find(([source]) => name === source || name.startsWith(`${source}_`))?.[1] ?? "";
}

function score({ name, text }: Suite, { kind, object, word }: Mutant, source: string): number {
  const isAboutAccess = /grant|policy|open|row security/.test(kind);
  if (name === "permissions") return text === object ? isAboutAccess ? 8 : 4 : 0;
  if (name.endsWith("grants") && kind.endsWith("grant")) return 7;
  if (name.endsWith("keys") && kind === "primary key") return 7;
  const isItsFile = source.includes(`create function ${word}`);
  // messages_mentions_check is in no file, and 467_mentions is about it.
  const isNamedAlike =
    word.split(/\W|_/).filter((part) => part !== object && name.split("_").includes(part)).length > 0;
  return (isItsFile ? 4 : 0) + (source.includes(word) ? 3 : 0) + (isNamedAlike ? 2 : 0) +
    (text.includes(word) ? 2 : 0) +
    (text.includes(`.${object}`) ? 1 : 0);
}
