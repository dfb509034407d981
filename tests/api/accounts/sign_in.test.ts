import { beforeAll, expect, test } from "vitest";
import { Caller } from "../caller.ts";
import { newPerson, type Person } from "../people.ts";

const SIGN_IN = "/api/sign-in/";
const visitor = new Caller(undefined, "accounts");
let ann: Person;

beforeAll(async () => {
  ann = await newPerson("ann", { email: `${crypto.randomUUID()}@example.com` });
});

test(`POST ${SIGN_IN} → 200 with a session of Auth that every API accepts`, async () => {
  const { username, password } = ann;
  const { status, body } = await visitor.post(SIGN_IN, { username, password });
  expect([status, Object.keys(body).sort()]).toEqual([200, ["access_token", "refresh_token"]]);
  const me = await new Caller(body.access_token).get("/api/users/me/");
  expect(me.body).toMatchObject({ id: ann.id, username });
});

test(`POST ${SIGN_IN} → 200 with an email address as the username`, async () => {
  const { body: { email } } = await ann.api.get("/api/users/me/");
  expect((await visitor.post(SIGN_IN, { username: email, password: ann.password })).status).toBe(200);
});

test(`POST ${SIGN_IN} → 401, the same for a wrong password and an unknown username`, async () => {
  const wrong = await visitor.post(SIGN_IN, { username: ann.username, password: "wrong password" });
  const unknown = await visitor.post(SIGN_IN, { username: "nobody-has-this-name", password: ann.password });
  expect([wrong.status, wrong.body.code]).toEqual([401, "no_active_account"]);
  expect([unknown.status, unknown.body]).toEqual([wrong.status, wrong.body]);
});

test.each<[object, string]>([
  [{ password: "correct horse" }, "username"],
  [{ username: " ", password: "correct horse" }, "username"],
  [{ username: "ann" }, "password"],
  [{ username: "ann", password: "" }, "password"],
])(`POST ${SIGN_IN} → 400 for %j`, async (body, field) => {
  const refused = await visitor.post(SIGN_IN, body);
  expect([refused.status, refused.body]).toEqual([400, { [field]: [expect.any(String)] }]);
});
