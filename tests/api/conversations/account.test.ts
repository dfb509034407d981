import { describe, expect, test } from "vitest";
import { database } from "../../support/clients.ts";
import { newPerson } from "../people.ts";
import { holder, newWriter, visitor, type Writer } from "./writer.ts";

describe("PATCH /api/auth/update-profile/", () => {
  const update = ({ api }: Writer, body: unknown) => api.patch("/api/auth/update-profile/", body);

  test("→ 200, changing only the given fields; the full name follows", async () => {
    const ann = await newWriter("ann");
    expect((await update(ann, { last_name: "Poe" })).body).toMatchObject({ first_name: "Ann", name: "Ann Poe" });
    expect((await update(ann, { first_name: "" })).body).toMatchObject({ first_name: "", name: "Poe" });
    expect((await update(ann, {})).body).toMatchObject({ first_name: "", last_name: "Poe" });
    expect((await ann.api.get("/api/auth/user/")).body).toMatchObject({ first_name: "", last_name: "Poe" });
    const put = await ann.api.put("/api/auth/update-profile/", { first_name: "Anna", last_name: "Lee" });
    expect([put.status, put.body]).toMatchObject([200, { name: "Anna Lee" }]);
  });

  test("→ 200, changing no other user and no other field", async () => {
    const [ann, bob] = [await newWriter("ann"), await newWriter("bob")];
    const { body } = await update(ann, { id: bob.pk, pk: bob.pk, email: bob.email, first_name: "Eve" });
    expect(body).toMatchObject({ id: ann.pk, email: ann.email, first_name: "Eve" });
    const { body: user } = await bob.api.get("/api/auth/user/");
    expect(user).toEqual({ pk: bob.pk, email: bob.email, first_name: "Ann", last_name: "Lee" });
  });

  test.each([
    [{ first_name: "x".repeat(151) }, { first_name: ["Ensure this field has no more than 150 characters."] }],
    [{ last_name: null }, { last_name: ["This field may not be null."] }],
    [{ last_name: 5 }, { last_name: ["Not a valid string."] }],
    [{ last_name: "\ud800" }, { last_name: ["Surrogate characters are not allowed."] }],
  ])("→ 400 to %j", async (body, errors) => {
    const { status, body: refusal } = await update(await newWriter("ann"), body);
    expect([status, refusal]).toEqual([400, errors]);
  });
});

/** How many sessions a user has. */
async function sessionsOf({ email }: Writer): Promise<number> {
  const sql = database();
  const rows = await sql`select from auth.sessions join auth.users on users.id = user_id where email = ${email}`;
  await sql.end();
  return rows.length;
}

describe("POST /api/auth/change-password/", () => {
  const login = async (email: string, password: string) => await visitor.post("/api/auth/login/", { email, password });
  const change = ({ api }: { api: Writer["api"] }, old_password: unknown, new_password: unknown) =>
    api.post("/api/auth/change-password/", { old_password, new_password });

  test("→ 200; the old password no longer logs in, this session stays, others end", async () => {
    const ann = await newWriter("ann");
    const other = (await login(ann.email, ann.password)).body;
    const password = crypto.randomUUID();
    expect((await change(ann, ann.password, password)).status).toBe(200);
    const logins = [await login(ann.email, ann.password), await login(ann.email, password)];
    expect(logins.map(({ status }) => status)).toEqual([400, 200]);
    expect((await ann.api.get("/api/auth/user/")).status).toBe(200);
    const refresh = (refresh: string) => visitor.post("/api/auth/token/refresh/", { refresh });
    expect((await refresh(ann.refresh)).status).toBe(200);
    expect((await refresh(other.refresh)).status).toBe(401);
  });

  test("→ 200 for an account without an email", async () => {
    const { username, password, access } = await newPerson("bob");
    const fresh = crypto.randomUUID();
    expect((await change({ api: holder(access) }, password, fresh)).status).toBe(200);
    expect((await login(username, fresh)).status).toBe(200);
  });

  test("→ 400 to a wrong old password, naming it and changing nothing", async () => {
    const ann = await newWriter("ann");
    const { status, body } = await change(ann, "wrong", "another password");
    expect([status, body]).toEqual([400, {
      old_password: ["Your old password was entered incorrectly. Please enter it again."],
    }]);
    expect((await login(ann.email, ann.password)).status).toBe(200);
  });

  test("→ 400 to a short new password, or the old one, naming it", async () => {
    const ann = await newWriter("ann");
    for (const password of ["x", ann.password]) {
      const { status, body } = await change(ann, ann.password, password);
      expect([status, body]).toEqual([400, { new_password: [expect.any(String)] }]);
    }
    expect(await sessionsOf(ann)).toBe(1);
    expect((await login(ann.email, ann.password)).status).toBe(200);
  });

  test("→ 401 in a session that has ended", async () => {
    const ann = await newWriter("ann");
    await ann.api.post("/api/auth/logout/", {});
    const { status, body } = await change(ann, ann.password, "another password");
    expect([status, body.code]).toEqual([401, "token_not_valid"]);
    expect((await login(ann.email, ann.password)).status).toBe(200);
  });

  test("→ 429 to many guesses of the old password with one token", async () => {
    const ann = await newWriter("ann");
    const statuses = [];
    for (let time = 0; time < 11; time++) statuses.push((await change(ann, "wrong", "another password")).status);
    expect(statuses).toEqual([...Array(10).fill(400), 429]);
  });

  test("→ 400 naming the missing fields", async () => {
    const { status, body } = await (await newWriter("ann")).api.post("/api/auth/change-password/", {});
    const required = ["This field is required."];
    expect([status, body]).toEqual([400, { old_password: required, new_password: required }]);
  });
});

test("every route of a deleted account → 401", async () => {
  const ann = await newWriter("ann");
  const sql = database();
  await sql`delete from auth.users where email = ${ann.email}`;
  await sql.end();
  const answers = [
    await ann.api.get("/api/auth/user/"),
    await ann.api.patch("/api/auth/update-profile/", { first_name: "Ann" }),
    await ann.api.post("/api/auth/change-password/", { old_password: ann.password, new_password: "another one" }),
    await ann.api.post("/api/chat/conversations/", { title: "Late" }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
});
