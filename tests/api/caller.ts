import { inject } from "vitest";
import { Contract } from "./openapi.ts";

const status = inject("status");

/** Where the messenger's paths begin. */
export const MESSENGER = `${status.functions_url}/messenger`;

let contract: Promise<Contract> | undefined;

async function readContract(): Promise<Contract> {
  const response = await fetch(`${MESSENGER}/api/schema/`);
  return new Contract(await response.json());
}

// deno-lint-ignore no-explicit-any
type Json = any;

/** An answer, already checked against the OpenAPI document. */
export interface Answer {
  status: number;
  body: Json;
  headers: Headers;
}

/** Calls the messenger with a token, or none. */
export class Caller {
  constructor(readonly token?: string) {}

  get = (path: string) => this.call("GET", path);
  post = (path: string, body: unknown, headers?: Record<string, string>) => this.call("POST", path, body, headers);
  put = (path: string, body: unknown) => this.call("PUT", path, body);
  patch = (path: string, body: unknown) => this.call("PATCH", path, body);
  delete = (path: string) => this.call("DELETE", path);

  /** Sends `body` as JSON, or as it is when it is a string, bytes or a stream. */
  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const raw = body === undefined || typeof body === "string" || body instanceof Uint8Array ||
      body instanceof ReadableStream;
    const response = await fetch(`${MESSENGER}${path}`, {
      method,
      headers: {
        ...(this.token && { Authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...headers,
      },
      body: raw ? (body as BodyInit | undefined) : JSON.stringify(body),
      ...(body instanceof ReadableStream && { duplex: "half" }),
    });
    const text = await response.text();
    const answer = { status: response.status, body: text ? JSON.parse(text) : undefined, headers: response.headers };
    contract ??= readContract();
    (await contract).check(method, path.split("?")[0]!, answer.status, answer.body);
    return answer;
  }

  /** Follows the `Link` headers from a path to the last page. */
  async pages(path: string): Promise<Json[][]> {
    const pages: Json[][] = [];
    for (let next: string | undefined = path; next;) {
      const { body, headers }: Answer = await this.get(next);
      pages.push(body);
      next = /<([^>]+)>; rel="next"/.exec(headers.get("Link") ?? "")?.[1]?.slice(MESSENGER.length);
    }
    return pages;
  }
}
