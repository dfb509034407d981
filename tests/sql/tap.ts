/** One assertion of a pgTAP file. */
export interface Assertion {
  title: string;
  outcome: "passed" | "failed" | "skipped";
  diagnostics: string;
}

/** What a pgTAP file printed. */
export interface Report {
  assertions: Assertion[];
  /** Why the file as a whole failed: it raised, or did not run what it planned. */
  problem: string | undefined;
}

const pattern = /^(?<not>not )?ok (?<number>\d+)(?: - (?<title>.*?))?(?: # (?<directive>SKIP|TODO)\b.*)?$/i;

/** Reads TAP: the plan, the assertions, and the `#` lines that follow a failing one. */
export function readTap(output: string[]): Report {
  const assertions: Assertion[] = [];
  let planned: number | undefined;
  for (const line of output.flatMap((text) => text.split("\n"))) {
    const plan = /^1\.\.(\d+)/.exec(line);
    const fields = pattern.exec(line)?.groups;
    if (plan) planned = Number(plan[1]);
    else if (fields) assertions.push(assertion(fields));
    else if (line.startsWith("#") && !line.startsWith("# Looks like")) {
      const last = assertions.at(-1);
      if (last?.outcome === "failed") last.diagnostics += `${line.replace(/^# ?/, "")}\n`;
    }
  }
  return { assertions, problem: planProblem(planned, assertions.length) };
}

function assertion(fields: Record<string, string | undefined>): Assertion {
  const hasFailed = fields.not !== undefined && fields.directive === undefined;
  return {
    title: fields.title ?? `assertion ${fields.number}`,
    outcome: hasFailed ? "failed" : fields.directive ? "skipped" : "passed",
    diagnostics: "",
  };
}

function planProblem(planned: number | undefined, ran: number): string | undefined {
  if (planned === undefined) return "The file has no plan: select plan(n).";
  if (planned !== ran) return `The file plans ${planned} assertions and ran ${ran}.`;
}
