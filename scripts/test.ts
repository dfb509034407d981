// npm test: the checks, then all tests. The last line is `N passed, N failed`, even after an early failure.
import process from "node:process";
import { onOrphaned } from "../local/base/orphaned.ts";
import { runSteps } from "./check/run.ts";
import { STEPS } from "./check/steps.ts";
import { printCounts, vitest } from "./vitest.ts";

onOrphaned(() => process.exit(143));
const checks = await runSteps(STEPS);
const tests = await vitest(process.argv.slice(2));
process.exit(printCounts({ ...tests, passed: checks.passed + tests.passed, failed: checks.failed + tests.failed }));
