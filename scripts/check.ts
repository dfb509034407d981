// npm run check [-- types|lint|format|generated …]
import process from "node:process";
import { runSteps } from "./check/run.ts";
import { STEPS } from "./check/steps.ts";

const groups = process.argv.slice(2);
const { failed } = await runSteps(STEPS.filter(({ group }) => groups.length === 0 || groups.includes(group)));
process.exit(failed ? 1 : 0);
