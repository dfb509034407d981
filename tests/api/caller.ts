import { inject } from "vitest";
import { Contract } from "./openapi.ts";

const status = inject("status");

/** The base URL of an API. */
export const baseOf = (api: string) => `${status.functions_url}/${api}`;
export const MESSENGER = baseOf("messenger");

const contracts = new Map<string, Promise<Contract>>();

function contractOf(api: string): Promise<Contract> {
  const read = async () => new Contract(await (await fetch(`${baseOf(api)}/api/schema/`)).json());
  if (!contracts.has(api)) contracts.set(api, read());
  return contracts.get(api)!;
}

// deno-lint-ignore no-explicit-any
type Json = any;

/** A response, already checked against the OpenAPI document. */
export interface Answer {
  status: number;
  body: Json;
  headers: Headers;
}

/** Calls an API, with a token or without. */
export class Caller {
  constructor(readonly token?: string, readonly api = "messenger") {}

  get = (path: string) => this.call("GET", path);
  post = (path: string, body: unknown, headers?: Record<string, string>) => this.call("POST", path, body, headers);
  put = (path: string, body: unknown) => this.call("PUT", path, body);
  patch = (path: string, body: unknown) => this.call("PATCH", path, body);
  delete = (path: string) => this.call("DELETE", path);

  /** Sends `body` as JSON; strings, bytes, streams and forms as they are. */
  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const isForm = body instanceof FormData || body instanceof URLSearchParams;
    const isRaw = body === undefined || typeof body === "string" || body instanceof Uint8Array ||
      body instanceof ReadableStream || isForm;
    const response = await fetch(`${baseOf(this.api)}${path}`, {
      method,
      headers: {
        ...(this.token && { Authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && !isForm && { "Content-Type": "application/json" }),
        ...headers,
      },
      body: isRaw ? (body as BodyInit | undefined) : JSON.stringify(body),
      ...(body instanceof ReadableStream && { duplex: "half" }),
    });
    const text = await response.text();
    const answer = { status: response.status, body: text ? JSON.parse(text) : undefined, headers: response.headers };
    (await contractOf(this.api)).check(method, path.split("?")[0]!, answer.status, answer.body);
    return answer;
  }

  /** Follows the `Link` headers from a path to the last page. */
  async pages(path: string): Promise<Json[][]> {
    const pages: Json[][] = [];
    for (let next: string | undefined = path; next;) {
      const { body, headers }: Answer = await this.get(next);
      pages.push(body);
      next = /<([^>]+)>; rel="next"/.exec(headers.get("Link") ?? "")?.[1]?.slice(baseOf(this.api).length);
    }
    return pages;
  }
}
