import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Stack, startStack, type Status } from "../../../scripts/stack.ts";
import { Contract } from "../openapi.ts";
import { Endpoint } from "./endpoint.ts";
import { type Event, eventsOf } from "./events.ts";

export const KEY = "sk-a-secret-of-the-operator";

/** A stack whose replies come from an endpoint beside it. */
export class ResponderStack {
  readonly endpoint = new Endpoint();
  readonly #folder: string;
  #stack!: Stack;
  #contract!: Contract;
  #token = "";

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async start(settings: Record<string, string> = {}): Promise<ResponderStack> {
    const started = new ResponderStack(await mkdtemp(join(tmpdir(), "responder-")));
    const url = await started.endpoint.open();
    const responder = { RESPONDER_URL: url, RESPONDER_KEY: KEY, RESPONDER_MODEL: "tea-1", ...settings };
    const { TMPDIR } = process.env;
    Object.assign(process.env, responder, { TMPDIR: started.#folder });
    started.#stack = await startStack();
    for (const name of Object.keys(responder)) delete process.env[name];
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    started.#contract = new Contract((await started.call("GET", "/api/schema/")).body);
    return started;
  }

  async stop(): Promise<void> {
    await this.#stack.stop();
    await this.endpoint.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get status(): Status {
    return this.#stack.status;
  }

  /** What the stack has written to its terminal. */
  async log(): Promise<string> {
    const [folder] = (await readdir(this.#folder)).filter((name) => name.startsWith("parley-stack-"));
    return await readFile(join(this.#folder, folder!, "stack.log"), "utf8");
  }

  /** Registers someone, who calls from now on. */
  async signIn(username: string): Promise<{ access: string }> {
    const account = { username, password: "password123", confirm_password: "password123" };
    const { body } = await this.call("POST", "/api/v1/auth/register/", account);
    this.#token = body.access;
    return body;
  }

  /** The path of a new session. */
  async newSession(): Promise<string> {
    return `/api/v1/chat/sessions/${(await this.call("POST", "/api/v1/chat/sessions/", {})).body.id}/`;
  }

  /** Calls, and checks the answer against the document of the API. */
  async call(method: string, path: string, body?: unknown, signal?: AbortSignal) {
    const response = await this.#fetch(method, path, body, {}, signal);
    const answer = { status: response.status, body: await response.json() };
    this.#contract?.check(method, path, answer.status, answer.body);
    return answer;
  }

  /** Calls for a stream, and answers its events as they come. */
  async stream(path: string, body?: unknown, signal?: AbortSignal): Promise<AsyncGenerator<Event>> {
    return eventsOf(await this.#fetch("POST", path, body, { Accept: "text/event-stream" }, signal));
  }

  #fetch(method: string, path: string, body: unknown, more: Record<string, string>, signal?: AbortSignal) {
    const api = /^\/api\/chat\//.test(path) ? "conversations" : "chat-sessions";
    return fetch(`${this.status.functions_url}/${api}${path}`, {
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
}
