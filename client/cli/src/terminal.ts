import process from "node:process";
import { createInterface } from "node:readline/promises";

/** Ends the program with a sentence that says what to do. */
export class CliError extends Error {
  constructor(message: string, readonly exitCode: number = EXIT.refused) {
    super(message);
  }
}

/** The exit codes, as the help lists them. */
export const EXIT = { done: 0, refused: 1, usage: 2 };

export const print = (text = "") => void process.stdout.write(`${text}\n`);

/** Asks at a terminal; elsewhere nothing is done without `--yes`. */
export async function confirm(question: string): Promise<void> {
  if (!process.stdin.isTTY) throw new CliError("Nothing was written. Add --yes to confirm, or --dry-run to only look.");
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} [y/N] `).finally(() => terminal.close());
  if (!/^y(es)?$/i.test(answer.trim())) throw new CliError("Nothing was written.");
}
