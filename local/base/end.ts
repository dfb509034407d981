import { Fault } from "./fault.ts";

/** Ends the program: with one sentence when the cause is known, with the whole error when it is not. */
export function endWithFault(error: unknown): never {
  console.error(error instanceof Fault ? error.message : error);
  Deno.exit(error instanceof Fault ? error.exitCode : 1);
}
