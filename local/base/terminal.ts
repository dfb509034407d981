import process from "node:process";

/** Prints what the stack does, for the person at the terminal. */
export function log(sentence: string): void {
  console.error(sentence);
}

/** An error that the person at the terminal can fix: printed as one sentence, without a stack trace. */
export class CliError extends Error {
  constructor(sentence: string, readonly exitCode = 1, options?: ErrorOptions) {
    super(sentence, options);
  }
}

/** Exits with an error: prints one sentence when the cause is known, the whole error otherwise. */
export function exitWithError(error: unknown): never {
  console.error(error instanceof CliError ? error.message : error);
  process.exit(error instanceof CliError ? error.exitCode : 1);
}

/** Ignores errors of the console, so that a full disk or a closed terminal does not end the program. */
export function ignoreConsoleErrors(): void {
  for (const name of ["debug", "log", "info", "warn", "error"] as const) {
    const say = console[name].bind(console);
    console[name] = (...words) => {
      try {
        say(...words);
      } catch {
        // The message is lost.
      }
    };
  }
}
