import postgres from "postgres";
import { afterAll, expect, inject, test } from "vitest";
import { actingAs } from "../support/acting.ts";

// As many connections as the Data API has, which people share.
const sql = postgres(inject("status").db_url, { max: 20, onnotice: () => {} });
afterAll(() => sql.end());

const signUp = async (count: number) =>
  (await sql<{ id: string }[]>`
    insert into auth.users (id, aud, role)
    select gen_random_uuid(), 'authenticated', 'authenticated' from generate_series(1, ${count}) returning id`)
    .map(({ id }) => id);

/** What a person gets who joins. */
const join = (person: string, token: string) =>
  actingAs(sql, person, async (sql) => (await sql`select role from chat.join_by_link(${token})`)[0]!.role as string)
    .catch((error: postgres.PostgresError) => error.message);

test("a link for 100 uses that 200 people take at once admits exactly 100, however often each repeats it", async () => {
  const [owner, ...people] = await signUp(201);
  const { room, link } = await actingAs(sql, owner!, async (sql) => {
    const [room] = await sql`select id from chat.create_group_room('A rush')`;
    const [made] = await sql`select chat.create_invite_link(${room!.id}, max_uses => 100) as link`;
    return { room: room!.id, link: made!.link };
  });
  const answers = await Promise.all(people.map((person) => join(person, link.token)));
  expect(answers.filter((answer) => answer === "member").length).toBe(100);
  expect(answers.filter((answer) => answer === "invite_not_found").length).toBe(100);

  expect(await Promise.all(people.map((person) => join(person, link.token)))).toEqual(answers);
  const [counted] = await sql`
    select uses, member_count, (select count(*)::integer from chat.room_members where room_id = rooms.id) as members
    from chat.rooms as rooms join chat.invite_links as links on links.room_id = rooms.id where rooms.id = ${room}`;
  expect(counted).toEqual({ uses: 100, member_count: 101, members: 101 });
});

test("a last use that one person takes twice at once is taken once", async () => {
  const [owner, ann] = await signUp(2);
  const token = await actingAs(sql, owner!, async (sql) => {
    const [made] = await sql`
      select chat.create_invite_link(id, max_uses => 1) ->> 'token' as token from chat.create_group_room('One more')`;
    return made!.token;
  });
  expect(await Promise.all([join(ann!, token), join(ann!, token)])).toEqual(["member", "member"]);
});
