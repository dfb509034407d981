import { isAllowedHost } from "../../functions/_shared/network/hosts.ts";
import type { Options } from "../base/options.ts";
import { log } from "../base/terminal.ts";
import { withBody, withoutBody } from "./bodies.ts";
import { withCors } from "./cors.ts";
import { handle, handleRoot, type Services } from "./gateway.ts";
import { listen, type Listener } from "./listener.ts";
import { errorResponse, methodNotAllowed, unavailable } from "./responses.ts";

/** Far more than the stack needs: reached by half-sent messages on many sockets, or by responses that nobody reads. */
const MAX_MEMORY_BYTES = 1_500_000_000;
const MEMORY_CHECK_MS = 250;
const MEMORY_PAUSE_MS = 5_000;
const CLOSE_TIMEOUT_MS = 10_000;

/** The open ports. */
export interface Listeners {
  apiUrl: string;
  /** The addresses of functions with a port of their own, by name. */
  served: Record<string, string>;
  /** Starts to handle requests; before, each receives a 503. */
  attach(services: Services): void;
  /** Lets requests in flight finish. */
  close(): Promise<void>;
  /** Closes every connection at once and reopens the ports. */
  cut(): Promise<void>;
}

/**
 * Opens the ports first, so that a taken one is reported before anything else starts.
 * @throws CliError when a port is taken.
 */
export function openListeners({ port, serve }: Options): Listeners {
  let services: Services | undefined;
  const listeners: Listener[] = [];
  const open = (flag: string, port: number, handler: (services: Services) => Deno.ServeHandler<Deno.NetAddr>) => {
    const listener = listen(flag, port, (request, info) => {
      const refused = refusal(request);
      if (refused) return withoutBody(request, refused);
      const answerer = services && handler(services);
      return answerer
        ? withBody(request, (request) => answerer(request, info))
        : withoutBody(request, withCors(unavailable()));
    });
    listeners.push(listener);
    return `http://127.0.0.1:${listener.port}`;
  };
  const apiUrl = open("--port", port, (services) => (request, info) => handle(request, services, info));
  const served = [...serve].map(([name, port]) => {
    return [name, open("--serve", port, (services) => (request, info) => handleRoot(name, request, services, info))];
  });
  return {
    apiUrl,
    served: Object.fromEntries(served),
    attach: (running) => void (services = running),
    close: () => close(listeners),
    cut: async () => void await Promise.all(listeners.map((listener) => listener.cut())),
  };
}

/** The response to a request that cannot be handled; undefined for all others. */
function refusal({ url, method }: Request): Response | undefined {
  if (!URL.canParse(url)) return errorResponse(400, "invalid_host", "The Host header is invalid.");
  if (!isAllowedHost(new URL(url).hostname)) {
    return errorResponse(400, "invalid_host", "ALLOWED_HOSTS does not name this host.");
  }
  if (/^(CONNECT|TRACE|TRACK)$|[a-z]/.test(method)) return methodNotAllowed(method);
}

async function close(listeners: Listener[]): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise((resolve) => timer = setTimeout(resolve, CLOSE_TIMEOUT_MS));
  await Promise.race([Promise.all(listeners.map((listener) => listener.shutdown())), late]);
  clearTimeout(timer);
}

/**
 * Calls `cut`, which closes all connections, when this process uses too much memory: clients reconnect.
 * @returns a function that stops watching.
 */
export function watchMemory(cut: () => Promise<void>, limitBytes = MAX_MEMORY_BYTES): () => void {
  let rested = 0;
  const timer = setInterval(() => {
    const { rss } = Deno.memoryUsage();
    if (rss < limitBytes || Date.now() < rested) return;
    rested = Date.now() + MEMORY_PAUSE_MS;
    log(`${Math.round(rss / 1e6)} MB are in use, most likely by stalled connections; closing all of them.`);
    cut();
  }, MEMORY_CHECK_MS);
  return () => clearInterval(timer);
}
