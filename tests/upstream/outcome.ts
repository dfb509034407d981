/** How one test of a suite ended. */
export interface Outcome {
  /** `file › describe › test`. */
  name: string;
  state: "passed" | "failed" | "skipped";
  /** The first line of why it failed. */
  reason?: string;
}

const STATES: Record<string, Outcome["state"]> = { passed: "passed", failed: "failed" };

/** The part of jest's report that is used here. */
interface JestReport {
  testResults: {
    name: string;
    message: string;
    assertionResults: { ancestorTitles: string[]; title: string; status: string; failureMessages: string[] }[];
  }[];
}

/** The outcomes of a report of jest; a file that cannot be loaded is one failed test. */
export function ofJest({ testResults }: JestReport): Outcome[] {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const file = name.split(/[\\/]test[\\/]/).at(-1)!;
    if (assertionResults.length === 0) return [{ name: file, state: "failed", reason: firstLine(message) }];
    return assertionResults.map(({ ancestorTitles, title, status, failureMessages: [reason] }): Outcome => ({
      name: [file, ...ancestorTitles, title].join(" › "),
      state: STATES[status] ?? "skipped",
      ...(reason && { reason: firstLine(reason) }),
    }));
  });
}

/** The part of the report of Realtime's check that is used here. */
interface CheckReport {
  suites: Record<string, { tests: { name: string; passed: boolean; error?: string }[] }>;
}

/** The outcomes of a report of Realtime's check. */
export function ofCheck({ suites }: CheckReport): Outcome[] {
  return Object.entries(suites).flatMap(([suite, { tests }]) =>
    tests.map(({ name, passed, error }): Outcome => ({
      name: `${suite} › ${name}`,
      state: passed ? "passed" : "failed",
      ...(error && { reason: firstLine(error) }),
    }))
  );
}

/** The first line that says something: jest's begins with the title of a test. */
function firstLine(text: string): string {
  // deno-lint-ignore no-control-regex
  const lines = text.replace(/\x1b\[[0-9;]*m/g, "").split("\n").map((line) => line.trim());
  return lines.find((line) => line !== "" && !line.startsWith("●")) ?? "";
}
