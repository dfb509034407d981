import type { Contract } from "../api/openapi.ts";
import { type Answer, send, type Sent } from "./sending.ts";

/** How long any response may take, in milliseconds, on a machine that is busy with other things. */
export const SLOW_MS = 5_000;

/** What is known of an API when one of its responses is judged. */
export interface Judge {
  contract: Contract;
  /** The prefix of the paths of its document. */
  prefix: string;
  /** A text that only the victim may read. */
  mark: string;
  databaseIsUp: () => Promise<boolean>;
}

/** @throws what is wrong with a response, whatever the request was. */
export async function judge(
  sent: Sent,
  answer: Answer,
  { contract, prefix, mark, databaseIsUp }: Judge,
): Promise<void> {
  const { status, headers, body } = answer;
  const text = body.toString();
  if (text.includes(mark) || JSON.stringify(headers).includes(mark)) throw new Error("The victim's secret is in it.");
  // A feature that is not set up says so.
  const isUnset = status === 503 && /"code":"\w+_not_set_up"/.test(text);
  if (status >= 500 && !isUnset && (status !== 503 || await databaseIsUp())) throw new Error(`It answers ${status}.`);
  if (headers["x-evil"]) throw new Error("A header of the request's making is in it.");
  if (status === 401 && headers["www-authenticate"] !== "Bearer") throw new Error("A 401 has no WWW-Authenticate.");
  if (status === 405 && !headers.allow) throw new Error("A 405 has no Allow.");
  if (status === 429 && !headers["retry-after"]) throw new Error("A 429 has no Retry-After.");
  if (sent.method === "HEAD" || status === 204) {
    if (body.length > 0) throw new Error("There is a body where there must be none.");
    return;
  }
  // To a file, in the project's own Storage; and from the root of the API, where two points may lead, to its documentation.
  if (status === 302) {
    const isRoot = new URL(sent.path, "http://any").pathname === `${prefix}/api/`;
    const wanted = isRoot ? /\/api\/docs\/$/ : /^http:\/\/127\.0\.0\.1:\d+\/storage\/v1\/object\/sign\//;
    if (!wanted.test(headers.location ?? "")) throw new Error(`It leads to ${headers.location}.`);
    return;
  }
  // An export: each line is JSON.
  if (status === 200 && /^application\/(x-ndjson|octet-stream)$/.test(headers["content-type"] ?? "")) {
    const lines = text.trim().split("\n").map((line) => parse(Buffer.from(line)) as { type: string });
    if (lines.at(-1)?.type !== "end") throw new Error("The export has no end.");
    return;
  }
  if (!/^application\/json\b/.test(headers["content-type"] ?? "")) throw new Error(`It is ${headers["content-type"]}.`);
  const value = parse(body);
  if (status >= 400 && !isRefusal(value)) throw new Error("The body is no refusal.");
  const path = new URL(sent.path, "http://any").pathname.slice(prefix.length);
  contract.check(sent.method, path, status, value);
}

/** @throws when a slow request is slow again: once, the machine may have been busy. */
export async function judgeSlow(sent: Sent): Promise<void> {
  const { milliseconds } = await send(sent);
  if (milliseconds > SLOW_MS) throw new Error(`It takes ${milliseconds.toFixed(0)} ms.`);
}

/** As Django REST Framework words it: a sentence, or a list of them for each field. */
function isRefusal(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if ("detail" in value && typeof value.detail === "string") return true;
  const lists = Object.values(value);
  return lists.length > 0 &&
    lists.every((list) => Array.isArray(list) && list.every((text) => typeof text === "string"));
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new Error("The body is no JSON.");
  }
}

/** @throws when a refusal differs from the response to something that does not exist. */
export function tellNothing(secret: Answer, nothing: Answer): void {
  const [one, other] = [secret, nothing].map(({ status, body }) =>
    `${status} ${body}`.replace(/[\da-f-]{36}|\d+/g, "…")
  );
  // Damage hits a body of another length in another place.
  if ([one, other].some((text) => text!.includes("JSON parse error"))) return;
  if (one !== other) throw new Error(`Without the secret it answers: ${other}`);
}
