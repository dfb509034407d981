import { ChatError, signIn } from "../../client/sdk/src/index.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { client, database } from "../support/clients.ts";
import { newUser, type User } from "../support/users.ts";

const sql = database();
let ann: User;
beforeAll(async () => {
  ann = await newUser("ann");
});
afterAll(() => sql.end());

/** Gives an account the password that Django has stored for it: "correct horse". */
async function importedPerson(name: string): Promise<User> {
  const person = await newUser(name);
  await sql`update auth.users set encrypted_password = null where id = ${person.id}`;
  await sql`
    insert into chat_private.old_passwords (user_id, hash) values (
      ${person.id}, 'pbkdf2_sha256$1000000$FPc2DrfrfElh5iTPnRZJwW$P2YVARZxIxQS9iybFmp3EX6jbgJhCdtxSpMJwlDA0t4='
    )`;
  return person;
}

const codeOf = async (call: Promise<void>) => {
  const error = await call.then(() => undefined, (error) => error);
  return error instanceof ChatError ? error.code : error;
};

test("people sign in by a username and by an address", async () => {
  for (const name of [ann.username, ann.email]) {
    const supabase = client();
    await signIn(supabase, name, ann.password);
    expect((await supabase.auth.getUser()).data.user?.id).toBe(ann.id);
  }
});

test("imported people sign in with the password that they had, by a username and by an address", async () => {
  for (const by of ["username", "email"] as const) {
    const person = await importedPerson("imported");
    const supabase = client();
    expect(await codeOf(signIn(supabase, person[by], "wrong horse"))).toBe("wrong_password");
    await signIn(supabase, person[by], "correct horse");
    expect((await supabase.auth.getUser()).data.user?.id).toBe(person.id);
    expect(await sql`select from chat_private.old_passwords where user_id = ${person.id}`).toHaveLength(0);
  }
});

test("a wrong password, an unknown name and a server that is away have codes of their own", async () => {
  for (const name of [ann.username, ann.email, "nobody-has-this-name", "nobody@example.com"]) {
    expect(await codeOf(signIn(client(), name, "wrong horse"))).toBe("wrong_password");
  }
  const away = client({ stack: { api_url: "http://127.0.0.1:1", publishable_key: "sb_publishable_x" } });
  expect(await codeOf(signIn(away, ann.username, ann.password))).toBe("offline");
  expect(await codeOf(signIn(away, ann.email, ann.password))).toBe("offline");
});
