/** Tells the person at the terminal what the stack does. */
export function log(sentence: string): void {
  console.error(sentence);
}

/** Something the person at the terminal can mend: told in one sentence, without a stack trace. */
export class Fault extends Error {
  constructor(sentence: string, readonly exitCode = 1, options?: ErrorOptions) {
    super(sentence, options);
  }
}

/** Ends the program: with one sentence when the cause is known, with the whole error when it is not. */
export function endWithFault(error: unknown): never {
  console.error(error instanceof Fault ? error.message : error);
  Deno.exit(error instanceof Fault ? error.exitCode : 1);
}

/** Lets the console fail in silence: a full disk behind it, or a terminal that is gone, ends no program. */
export function forgiveConsole(): void {
  for (const name of ["debug", "log", "info", "warn", "error"] as const) {
    const say = console[name].bind(console);
    console[name] = (...words) => {
      try {
        say(...words);
      } catch {
        // What was to be said is lost.
      }
    };
  }
}
