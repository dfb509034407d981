import postgres from "postgres";
import { afterAll, expect, inject, test } from "vitest";
import { actingAs } from "../support/acting.ts";
import { database, dataOf } from "../support/clients.ts";
import { connect } from "../support/connection.ts";
import { until } from "../support/until.ts";
import { newUser } from "../support/users.ts";
import { Follower } from "./follower.ts";

const sql = database();
const connections = postgres(inject("status").db_url, { max: 12, onnotice: () => {} });
afterAll(() => Promise.all([sql.end(), connections.end()]));

const PEOPLE = 200;
const KINDS = ["👍", "❤️", "😂", "🎉", "👀"];

test(
  "200 people react with 5 emoji at once: the counts are exact, retries change nothing, a follower sees them",
  async () => {
    const owner = await newUser("owner");
    const { id: message, room_id } = await dataOf(
      owner.supabase.rpc("create_group_room", { name: "Crowd" }).then(({ data }) =>
        owner.supabase.rpc("send_message", { room_id: data!.id, content: "React!" })
      ),
    );
    const people = await sql`
    insert into auth.users (id, aud, role, raw_user_meta_data)
    select gen_random_uuid(), 'authenticated', 'authenticated', jsonb_build_object('username', 'fan-' || gen_random_uuid())
    from generate_series(1, ${PEOPLE}) returning id`;
    await sql`insert into chat.room_members (room_id, user_id) select ${room_id}, id from unnest(${
      people.map(({ id }) => id)
    }::uuid[]) as id`;
    const [room] = await sql`select topic, version::integer from chat.rooms where id = ${room_id}`;

    const connection = connect(inject("status"), owner.token);
    const counts: Record<string, number>[] = [];
    const follower = new Follower(connection, room_id, ({ event, counts: now }) => {
      if (event === "message.reactions") counts.push(now);
    });
    follower.version = room!.version;
    await follower.join(room!.topic);

    const react = (id: string, emoji: string) =>
      actingAs(connections, id, async (sql) => {
        const [row] =
          await sql`select current_setting('chat.repeated') = 'true' as repeated from chat.react(${message}, ${emoji})`;
        return row!.repeated as boolean;
      });
    const all = KINDS.flatMap((emoji) => people.map(({ id }) => [id, emoji] as const));
    // Every tenth is sent twice, as by a client that has lost the answer.
    const sent = [...all, ...all.filter((_, index) => index % 10 === 0)];
    const repeated = (await Promise.all(sent.map(([id, emoji]) => react(id, emoji)))).filter(Boolean);
    expect(repeated).toHaveLength(all.length / 10);

    const stored = async () => {
      const [found] = await sql`
      select reactions, rooms.version::integer, (
        select jsonb_object_agg(emoji, count)
        from (select emoji, count(*) from chat.reactions where message_id = messages.id group by emoji) as kinds
      ) as rows
      from chat.messages as messages join chat.rooms as rooms on rooms.id = room_id where messages.id = ${message}`;
      return found!;
    };
    const wanted = Object.fromEntries(KINDS.map((emoji) => [emoji, PEOPLE]));
    expect(await stored()).toEqual({ reactions: wanted, rows: wanted, version: room!.version + all.length });
    await until(() => follower.version, (version) => version === room!.version + all.length);
    expect(counts.at(-1)).toEqual(wanted);
    // The events of the room before them may arrive after the join.
    const heard = follower.heard.filter(({ version }) => version > room!.version);
    expect(new Set(heard.map(({ event }) => event))).toEqual(new Set(["message.reactions"]));

    await Promise.all(
      people.slice(0, 50).map(({ id }) =>
        actingAs(connections, id, (sql) => sql`select from chat.unreact(${message}, '👍')`)
      ),
    );
    const after = await stored();
    expect(after.reactions).toEqual({ ...wanted, "👍": PEOPLE - 50 });
    expect(after.rows).toEqual(after.reactions);
    await until(() => counts.at(-1), (last) => last?.["👍"] === PEOPLE - 50);
    await connection.close();
    // A job removes the many rows of the room, while the accounts go.
    await sql`delete from chat.rooms where id = ${room_id}`;
    await sql`delete from auth.users where id = any (${people.map(({ id }) => id)}::uuid[])`;
  },
  60_000,
);
