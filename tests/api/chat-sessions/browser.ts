import { uniqueName } from "../../support/users.ts";
import { baseOf, Caller } from "../caller.ts";

export const BASE = baseOf("chat-sessions");
export const { origin: ORIGIN, pathname: PREFIX } = new URL(BASE);
export const PASSWORD = "correct horse battery";

/** A page's response. */
export interface Shown {
  status: number;
  headers: Headers;
  text: string;
  // deno-lint-ignore no-explicit-any
  json: any;
  /** The redirect's target. */
  location: string | null;
}

/** A user with a browser: it keeps cookies, does not follow redirects, and sends the headers that browsers send. */
export class Browser {
  readonly cookies = new Map<string, string>();
  username = "";

  /** Sends a request as a script of a page does, with the given headers added or replaced. */
  async request(method: string, path: string, headers: Record<string, string> = {}, body?: BodyInit): Promise<Shown> {
    const response = await fetch(BASE + path, {
      method,
      redirect: "manual",
      headers: { Cookie: this.#cookie(), ...(method !== "GET" && { Origin: ORIGIN }), ...headers },
      body,
    });
    this.#keep(response.headers.getSetCookie());
    const text = await response.text();
    const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
    const location = response.headers.get("Location");
    return { status: response.status, headers: response.headers, text, json: isJson && JSON.parse(text), location };
  }

  get = (path: string, headers?: Record<string, string>) => this.request("GET", path, headers);

  /** Submits a form, as a page without scripts does. */
  form = (path: string, fields: Record<string, string> = {}, headers?: Record<string, string>) =>
    this.request("POST", path, { Accept: "text/html,*/*;q=0.8", ...headers }, new URLSearchParams(fields));

  /** Sends JSON, as a script does. */
  json = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    this.request(method, path, { "Content-Type": "application/json", ...headers }, JSON.stringify(body));

  #cookie = () => [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");

  #keep(lines: string[]): void {
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (/Max-Age=0\b/.test(line)) this.cookies.delete(name!);
      else this.cookies.set(name!, value!);
    }
  }
}

/** A user who has just registered by the form. */
export async function newVisitor(name: string): Promise<Browser> {
  const browser = new Browser();
  browser.username = uniqueName(name);
  const fields = { username: browser.username, password: PASSWORD, confirm_password: PASSWORD };
  const { status, text } = await browser.form("/accounts/register/", fields);
  if (status !== 303) throw new Error(`Registering answered ${status}: ${text}`);
  return browser;
}

/** Creates a session; returns its id. */
export async function newSession(browser: Browser, title?: string): Promise<string> {
  const { json } = await browser.json("POST", "/chat/session/create/", { title });
  return json.session_id;
}

/** The API, in the same session. */
const apiOf = (browser: Browser) => new Caller(browser.cookies.get("chat_sessions_access"), "chat-sessions");

/** A session's title, from the API. */
export const titleOf = async (browser: Browser, id: string) =>
  (await apiOf(browser).get(`/api/v1/chat/sessions/${id}/`)).body.title;
