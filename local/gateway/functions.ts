import { pathToFileURL } from "node:url";
import { entrypoint, type ProjectConfig } from "../base/config.ts";
import type { Keys } from "../base/keys.ts";
import { log } from "../base/log.ts";
import { answer } from "./responses.ts";
import { behindJwt } from "./verify_jwt.ts";

/** What a function's module exports by default. */
export interface EdgeFunction {
  fetch(request: Request): Response | Promise<Response>;
}

/** The Edge Functions that `config.toml` declares, in this process. */
export type Functions = Map<string, EdgeFunction>;

/** Gives functions what the runtime of the platform gives them, and loads them. */
export async function loadFunctions(config: ProjectConfig, { jwt_secret }: Keys): Promise<Functions> {
  Object.assign(globalThis, { EdgeRuntime: { waitUntil } });
  // On the platform it would end one worker; here it would end everything.
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    console.error("A function left a rejected promise unhandled:", event.reason);
  });
  const enabled = Object.entries(config.functions).filter(([, { enabled }]) => enabled !== false);
  const loaded = enabled.map(async ([name, settings]): Promise<[string, EdgeFunction]> => {
    const edgeFunction = await load(name, pathToFileURL(entrypoint(name, settings)).href);
    return [name, settings.verify_jwt === false ? edgeFunction : behindJwt(edgeFunction, jwt_secret)];
  });
  return new Map(await Promise.all(loaded));
}

/** What functions do when no request waits for it. */
const background = new Set<Promise<unknown>>();

function waitUntil(promise: Promise<unknown>): Promise<unknown> {
  const work = promise.catch(() => {}).finally(() => background.delete(work));
  background.add(work);
  return promise;
}

/** Resolves when functions have ended what they do in the background, or after some time. */
export async function endBackground(ms = 10_000): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise((resolve) => timer = setTimeout(resolve, ms));
  await Promise.race([Promise.all(background), late]).finally(() => clearTimeout(timer));
}

async function load(name: string, url: string): Promise<EdgeFunction> {
  try {
    const { default: module } = await import(url);
    if (typeof module?.fetch !== "function") throw new TypeError("it has no default export with fetch()");
    return module;
  } catch (error) {
    log(`The function ${name} does not start: ${(error as Error).stack ?? error}`);
    return { fetch: () => answer(503, "BOOT_ERROR", `The function ${name} failed to start; see the terminal.`) };
  }
}
