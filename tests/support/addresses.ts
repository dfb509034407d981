import { request } from "node:http";

/** A response, and how long it took. */
export interface Answer {
  status: number;
  // deno-lint-ignore no-explicit-any
  body: any;
  headers: Record<string, string | string[] | undefined>;
  took: number;
}

/** Posts from an address of this machine, which has all of 127.0.0.0/8. */
export function send(url: string, body: unknown, { from = "127.0.0.1", headers = {} } = {}): Promise<Answer> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const options = { method: "POST", headers: { "Content-Type": "application/json", ...headers }, localAddress: from };
    const sent = request(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => text += part).on("end", () => {
        const { statusCode, headers } = response;
        resolve({ status: statusCode!, body: JSON.parse(text || "null"), headers, took: performance.now() - begin });
      });
    });
    sent.on("error", reject).end(JSON.stringify(body));
  });
}
