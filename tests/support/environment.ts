// The environment of this process, which the functions' modules read here as on the platform.
import process from "node:process";
import { afterAll, beforeEach } from "vitest";

/**
 * Lets the functions' modules read the environment of this process until the tests of the file end.
 * @param names the variables that these tests set: each test begins without them
 * @param fixed variables that all tests have
 */
export function readEnvironment(names: readonly string[], fixed: Record<string, string> = {}): void {
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  const before = [...names, ...Object.keys(fixed)].map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, fixed);
  Object.assign(globalThis, { Deno: { env: { get: (name: string) => process.env[name] } } });
  beforeEach(() => names.forEach((name) => set(name, undefined)));
  afterAll(() => {
    for (const [name, value] of before) set(name, value);
    delete (globalThis as { Deno?: unknown }).Deno;
  });
}
