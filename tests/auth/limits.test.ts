import { afterAll, beforeAll, expect, test } from "vitest";
import { send } from "../support/addresses.ts";
import { type Stack, startStack } from "../support/stack.ts";

// Auth's own limit of attempts: a burst of thirty, and so few later that none is regained while a test runs.
let stack: Stack;
const [email, password] = ["cat@example.com", "correct horse"];
beforeAll(async () => {
  stack = await startStack({ env: { GOTRUE_RATE_LIMIT_TOKEN_REFRESH: "1" } });
  await send(`${stack.status.functions_url}/messenger/api/auth/register/`, { username: "cat", password, email });
});
afterAll(() => stack.stop());

const signIn = (password: string, from: string, headers = {}) =>
  send(`${stack.status.api_url}/auth/v1/token?grant_type=password`, { email, password }, {
    from,
    headers: { apikey: stack.status.publishable_key, ...headers },
  });
const logIn = (from: string) =>
  send(`${stack.status.functions_url}/messenger/api/auth/login/`, { username: "cat", password }, { from });

test("Auth counts the attempts of each address, whatever address a client makes up", async () => {
  let turn = 0;
  const made = () => ({ "X-Forwarded-For": `10.0.0.${turn++}`, "Sb-Forwarded-For": `10.0.1.${turn}` });
  const answers = await Promise.all(Array.from({ length: 60 }, () => signIn("wrong", "127.0.0.4", made())));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBe(30);
  expect(refused[0]!.body.error_code).toBe("over_request_rate_limit");
  expect((await signIn(password, "127.0.0.4")).status).toBe(429);
  expect((await signIn(password, "127.0.0.5")).status).toBe(200);
});

test("functions tell Auth the address of their clients: each has attempts of its own", async () => {
  const { status, body, headers } = await logIn("127.0.0.4");
  expect([status, body, headers["retry-after"]]).toEqual([429, { detail: "Request was throttled." }, "60"]);
  expect((await logIn("127.0.0.7")).status).toBe(200);
});
