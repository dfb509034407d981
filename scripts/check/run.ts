import { spawn } from "node:child_process";
import { delimiter } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Step } from "./steps.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BIN = fileURLToPath(new URL("../../node_modules/.bin", import.meta.url));

interface Outcome {
  ok: boolean;
  seconds: string;
  output: string;
}

function execute([program = "", ...options]: string[]): Promise<Outcome> {
  const started = Date.now();
  const env = { ...process.env, PATH: BIN + delimiter + process.env.PATH, NO_COLOR: "1" };
  const child = spawn(program, options, { cwd: ROOT, env, shell: process.platform === "win32" });
  const kill = () => child.kill();
  process.once("exit", kill);
  return new Promise((resolve) => {
    let output = "";
    const finish = (isOk: boolean) => {
      process.off("exit", kill);
      resolve({ ok: isOk, output, seconds: ((Date.now() - started) / 1000).toFixed(1) });
    };
    child.stdout.on("data", (text) => output += text);
    child.stderr.on("data", (text) => output += text);
    child.on("error", (error) => {
      output += error.message;
      finish(false);
    });
    child.on("close", (code) => finish(code === 0));
  });
}

/** Runs the steps two at a time and prints a line for each, with the output of those that fail. */
export async function runSteps(steps: Step[]): Promise<{ passed: number; failed: number }> {
  const waiting = [...steps];
  const counts = { passed: 0, failed: 0 };
  const worker = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const { ok, seconds, output } = await execute(step.command);
      counts[ok ? "passed" : "failed"]++;
      console.log(`${ok ? "ok    " : "FAILED"} ${step.name} (${seconds} s)`);
      if (!ok) console.log(output.trimEnd().replace(/^/gm, "       "));
    }
  };
  await Promise.all([worker(), worker()]);
  return counts;
}
