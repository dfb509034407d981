import { describe, expect, test } from "vitest";
import { client } from "../support/clients.ts";
import { newUser } from "../support/users.ts";
import { runImport, sampleRoom } from "./sample.ts";

const sample = await sampleRoom("people", "a4");

describe("imported users", () => {
  test("cannot sign in, and can be found, to be claimed later", async () => {
    await runImport(sample.file);
    const people = await sample.sql`select * from auth.users
      where raw_app_meta_data ->> 'imported_from' = 'gitter' and email like ${sample.people}`;
    expect(people).toHaveLength(12);
    for (const { email, encrypted_password } of people) {
      expect(email).toMatch(/@gitter\.invalid$/);
      expect(encrypted_password).toBeNull();
    }
    // Auth only finds users of its one instance, and cannot read nulls in the tokens.
    for (const person of people) {
      expect(person).toMatchObject({
        instance_id: "00000000-0000-0000-0000-000000000000",
        confirmation_token: "",
        recovery_token: "",
        email_change: "",
        email_change_token_new: "",
        email_change_token_current: "",
        reauthentication_token: "",
        phone_change: "",
        phone_change_token: "",
      });
    }
    const email = people[0]?.email;
    for (const password of ["", "password", "null"]) {
      const { data, error } = await client().auth.signInWithPassword({ email, password });
      expect([data.session, error?.status]).toEqual([null, 400]);
    }
    for (const type of ["recovery", "email", "email_change"] as const) {
      const { data } = await client().auth.verifyOtp({ token_hash: "", type });
      expect(data.session).toBeNull();
    }
  });

  test("keep a name that is free here, and get a similar one otherwise", async () => {
    const { username } = await newUser("anna");
    await sample.sql`update chat.profiles set username = 'anna-a4' where username = ${username}`;
    await runImport(sample.file);
    const names = (await sample.history()).map((message) => message.username);
    expect(names).toContain("boris_k-a4");
    expect(names).toContain("anna-a42");
    expect(names).not.toContain("anna-a4");
    await sample.sql`update chat.profiles set username = ${username} where username = 'anna-a4'`;
  });

  test("are members of a room that real users can join and read, with nothing unread", async () => {
    await runImport(sample.file);
    const { supabase } = await newUser("reader");
    const { id } = await sample.row() ?? {};
    const member = await supabase.rpc("join_room", { room_id: Number(id) });
    expect(member.error).toBeNull();
    const { data } = await supabase.from("messages").select("content").eq("room_id", Number(id)).order("seq").limit(
      1000,
    );
    expect(data).toHaveLength(200);
    const { data: mine } = await supabase.from("room_members").select("last_read_seq").eq("room_id", Number(id))
      .eq("user_id", (await supabase.auth.getUser()).data.user?.id ?? "").single();
    expect(mine?.last_read_seq).toBe(200);
  });
});
