import process from "node:process";
import { postmasterPid, temporaryStack } from "../../local/run.ts";
import { Endpoint } from "../../support/endpoint.ts";
import type { Status } from "../../support/stack.ts";
import { Contract } from "../openapi.ts";
import { type Event, eventsOf } from "./events.ts";

export const KEY = "sk-a-secret-of-the-operator";

/** A stack whose replies come from an endpoint beside it. */
export class ResponderStack {
  #contract: Contract | undefined;
  #token = "";

  private constructor(
    readonly endpoint: Endpoint,
    /** The base URL of the endpoint's API. */
    readonly endpointUrl: string,
    readonly running: Awaited<ReturnType<typeof temporaryStack>>,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<ResponderStack> {
    const endpoint = new Endpoint();
    const url = await endpoint.open();
    const responder = { RESPONDER_URL: url, RESPONDER_KEY: KEY, RESPONDER_MODEL: "tea-1" };
    const stack = new ResponderStack(endpoint, url, await temporaryStack([], { ...responder, ...settings }));
    stack.#contract = new Contract((await stack.call("GET", "/api/schema/")).body);
    return stack;
  }

  async stop(): Promise<void> {
    await this.running.stop();
    await this.endpoint.close();
  }

  get status(): Status {
    return this.running.status;
  }

  /** The stack's terminal output. */
  log(): string {
    return this.running.output();
  }

  /** Kills Postgres as a crash does; the stack restarts it. */
  async killPostgres(): Promise<void> {
    process.kill(await postmasterPid(this.running.data), "SIGKILL");
  }

  /** Registers a user, who makes all later calls. */
  async signIn(username: string): Promise<{ access: string }> {
    const account = { username, password: "password123", confirm_password: "password123" };
    const { body } = await this.call("POST", "/api/v1/auth/register/", account);
    this.#token = body.access;
    return body;
  }

  /** Creates a session; returns its path. */
  async newSession(): Promise<string> {
    return `/api/v1/chat/sessions/${(await this.call("POST", "/api/v1/chat/sessions/", {})).body.id}/`;
  }

  /** Calls a route, and checks the response against the OpenAPI document of the API. */
  async call(method: string, path: string, body?: unknown, signal?: AbortSignal) {
    const response = await this.#fetch(method, path, body, {}, signal);
    const answer = { status: response.status, body: await response.json() };
    this.#contract?.check(method, path, answer.status, answer.body);
    return answer;
  }

  /** Calls a route for a stream; returns its events as they come. */
  async stream(path: string, body?: unknown, signal?: AbortSignal): Promise<AsyncGenerator<Event>> {
    return eventsOf(await this.#fetch("POST", path, body, { Accept: "text/event-stream" }, signal));
  }

  /** Follows a reply; `base` is the URL of another worker. */
  async follow(path: string, headers: Record<string, string> = {}, base?: string): Promise<AsyncGenerator<Event>> {
    return eventsOf(
      await this.#fetch("GET", path, undefined, { Accept: "text/event-stream", ...headers }, undefined, base),
    );
  }

  /** Any request, to another worker. */
  at(base: string, method: string, path: string, body?: unknown, more: Record<string, string> = {}): Promise<Response> {
    return this.#fetch(method, path, body, more, undefined, base);
  }

  #fetch(
    method: string,
    path: string,
    body: unknown,
    more: Record<string, string>,
    signal?: AbortSignal,
    base = this.#baseOf(path),
  ) {
    return fetch(`${base}${path}`, {
      method,
      headers: {
        ...(this.#token && { Authorization: `Bearer ${this.#token}` }),
        "Content-Type": "application/json",
        ...more,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  }

  #baseOf(path: string): string {
    const names: [RegExp, string][] = [[/^\/api\/chat\//, "conversations"], [/^\/api\/conversations\//, "assistant"]];
    const [, api] = names.find(([paths]) => paths.test(path)) ?? [, "chat-sessions"];
    return this.api(api!);
  }

  /** The base URL of an API. */
  api(name: string): string {
    return `${this.status.api_url}/functions/v1/${name}`;
  }
}
