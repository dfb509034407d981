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
