import { readFile } from "node:fs/promises";
import type { Outcome } from "./outcome.ts";

/** Something that `local/` does not do, with the tests that show it: `suite › file › describe › test`. */
export interface Limitation {
  part: "Auth" | "Data API" | "Storage";
  /** A sentence. */
  sentence: string;
  tests: string[];
}

/** A test whose result says nothing about `local/`. */
interface Unsteady {
  test: string;
  reason: string;
}

/** `limitations.json`. */
export interface Limitations {
  limitations: Limitation[];
  unsteady: Unsteady[];
}

/** Where a run differs from `limitations.json`. */
export interface Difference {
  failures: Outcome[];
  passes: Outcome[];
  /** Tests of the file that the suites no longer have. */
  unknown: string[];
}

export async function readLimitations(): Promise<Limitations> {
  return JSON.parse(await readFile(new URL("limitations.json", import.meta.url), "utf8"));
}

/**
 * Compares a run with what is expected.
 * @param outcomes of whole suites; their names begin with that of the suite.
 */
export function compare(outcomes: Outcome[], { limitations, unsteady }: Limitations): Difference {
  const suites = new Set(outcomes.map(({ name }) => suiteOf(name)));
  const expected = new Set(limitations.flatMap(({ tests }) => tests));
  const ignored = new Set(unsteady.map(({ test }) => test));
  const steady = outcomes.filter(({ name }) => !ignored.has(name));
  const names = new Set(outcomes.map(({ name }) => name));
  const listed = [...expected, ...ignored].filter((name) => suites.has(suiteOf(name)));
  return {
    failures: steady.filter(({ name, state }) => state === "failed" && !expected.has(name)),
    passes: steady.filter(({ name, state }) => state !== "failed" && expected.has(name)),
    unknown: listed.filter((name) => !names.has(name)),
  };
}

const suiteOf = (name: string) => name.split(" › ", 1)[0]!;
