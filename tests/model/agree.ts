import type { Sql } from "postgres";
import { expect } from "vitest";
import { actingAs } from "../support/acting.ts";
import type { Names } from "./entry_points.ts";
import { mentionsOf, type Model, unread } from "./model.ts";
import { type Change, type Message, type Room, type User, USERS } from "./things.ts";

/** A room's state in the database that the model knows as well. */
const room = ({ key, kind, name, description, isPublic, version, members, messages, pins }: Room) => ({
  key,
  kind,
  name,
  description,
  is_public: isPublic,
  version,
  last_seq: messages.length,
  last_message: messages.length || null,
  member_count: members.size,
  members: [...members].sort(byName).map(([user, { role, read, delivered }]) => ({ user, role, read, delivered })),
  messages: messages.map(seen),
  pins: [...pins].map(([seq, user]) => ({ seq, user })),
});

const byName = ([one]: [string, unknown], [other]: [string, unknown]) => one.localeCompare(other);

/** How many have put each emoji on a message. */
const counts = ({ reactions }: Message) => Object.fromEntries([...reactions].map(([emoji, { size }]) => [emoji, size]));

const seen = ({ clientId, forwarded, first: _, ...message }: Message) => ({
  ...message,
  mentioned: [...message.mentioned].sort(),
  reactions: counts({ ...message, clientId, forwarded }),
  rows: Object.fromEntries([...message.reactions].map(([emoji, users]) => [emoji, [...users].sort()])),
  client_id: clientId,
  forwarded_from: forwarded && forwarded.room > 0 ? `${forwarded.room}#${forwarded.seq}` : null,
  forwarded_content: forwarded && forwarded.content,
  forwarded_sender: forwarded && forwarded.sender,
});

/** Compares the rows of all rooms with the model's. Returns the ids of messages, by `room#seq`. */
export async function compareRows(sql: Sql, model: Model, { people, room: id }: Names): Promise<Map<string, number>> {
  const ids = model.rooms.map(({ key }) => id(key));
  const rows = await sql`
    with names (id, name) as (
      select * from unnest(${USERS.map((user) => people[user].id)}::uuid[], ${[...USERS]}::text[])
    ), rooms as (
      select rooms.*, keys.key
      from unnest(${ids}::bigint[], ${model.rooms.map(({ key }) => key)}::integer[]) as keys (id, key)
      join chat.rooms as rooms using (id)
    )
    select key, kind, rooms.name, description, is_public, version::integer, last_seq::integer, member_count,
      (select seq::integer from chat.messages where id = last_message_id) as last_message,
      (
        select coalesce(json_agg(json_build_object(
          'user', names.name, 'role', role, 'read', last_read_seq, 'delivered', last_delivered_seq
        ) order by names.name), '[]')
        from chat.room_members join names on names.id = user_id where room_id = rooms.id
      ) as members,
      (
        select coalesce(json_agg(json_build_object(
          'seq', messages.seq, 'version', messages.version, 'sender', names.name, 'content', messages.content,
          'client_id', messages.client_id, 'edited', messages.edited_at is not null,
          'deleted', messages.deleted_at is not null,
          'reactions', messages.reactions, 'reacted', messages.reactions_version,
          'rows', (
            select coalesce(json_object_agg(emoji, users), '{}') from (
              select emoji, json_agg(names.name order by names.name) as users
              from chat.reactions join names on names.id = user_id where message_id = messages.id group by emoji
            ) as kinds
          ),
          'all', mentions_all,
          'mentions', (
            select coalesce(json_agg(names.name order by place), '[]')
            from jsonb_array_elements(messages.mentions) with ordinality as given (mention, place)
            join names on names.id::text = mention ->> 'user_id'
          ),
          'mentioned', (
            select coalesce(json_agg(names.name order by names.name), '[]')
            from chat.mentions join names on names.id = user_id where message_id = messages.id
          ),
          'reply', (select seq from chat.messages as replied where replied.id = messages.reply_to_id),
          'forwarded_from', originals.key || '#' || originals.seq,
          'forwarded_content', forwarded_content,
          'forwarded_sender', split_part(forwarded_username, '-', 1)
        ) order by messages.seq), '[]')
        from chat.messages as messages
        left join names on names.id = messages.sender_id
        left join (select messages.id, seq, key from chat.messages join rooms on rooms.id = room_id) as originals
          on originals.id = messages.forwarded_from_id
        where room_id = rooms.id
      ) as messages,
      (
        select coalesce(json_agg(json_build_object('seq', seq, 'user', names.name) order by pins.id), '[]')
        from chat.pins as pins join names on names.id = pinned_by join chat.messages as messages on messages.id = message_id
        where pins.room_id = rooms.id
      ) as pins,
      (select coalesce(json_object_agg(key || '#' || seq, id), '{}') from chat.messages where room_id = rooms.id) as ids
    from rooms order by key`;
  expect(rows.map(({ ids: _, ...row }) => row)).toEqual(model.rooms.map(room));
  return new Map(rows.flatMap(({ ids }) => Object.entries<number>(ids)));
}

/** Compares every user's list of rooms: unread count, mentions, last message, role. */
export async function compareInboxes(sql: Sql, model: Model, { people, room: id, message }: Names): Promise<void> {
  const inboxes = await Promise.all(USERS.map((user) =>
    actingAs(sql, people[user].id, (sql) =>
      sql`
      select list.id::integer, role, unread_count::integer as unread, mention_count::integer as mentions,
        array(
          select (message ->> 'id')::integer from jsonb_array_elements(chat.mention_list(max_rows => 1000) -> 'messages') as message
          where (message ->> 'room_id')::bigint = list.id
        ) as mentioned,
        last_message ->> 'content' as last,
        (select count(*)::integer from chat.messages where room_id = list.id) as readable
      from chat.room_list() as list order by list.id`)
  ));
  expect(inboxes.map((rows) => [...rows])).toEqual(
    USERS.map((user) =>
      model.rooms.filter(({ members }) => members.has(user)).map((room) => ({
        id: id(room.key),
        role: room.members.get(user)!.role,
        unread: unread(room, user),
        mentions: mentionsOf(room, user).filter(({ seq }) => seq > room.members.get(user)!.read).length,
        mentioned: mentionsOf(room, user).map(({ seq }) => message({ room: room.key, seq })).reverse(),
        last: room.messages.at(-1)?.content ?? null,
        readable: room.messages.length,
      }))
    ),
  );
}

/** Compares the changes that `sync` returns to a member since each earlier version. */
export async function compareSync(sql: Sql, found: Room, { people, room: id, message }: Names): Promise<void> {
  const [user] = found.members.keys();
  if (!user) return;
  const rows = await actingAs(sql, people[user].id, (sql) =>
    sql`
    select chat.sync(${id(found.key)}, since) as page from generate_series(0, ${found.version}::bigint) as since`);
  const name = (uuid: string) => USERS.find((user) => people[user].id === uuid)!;
  const pages = rows.map(({ page }) => page.changes.map((change: Row) => inShort(change, name, message, found)));
  learn(found, pages[0]);
  const all = changes(found);
  expect(pages).toEqual(rows.map((_, since) => all.filter(({ version }) => version > since)));
  const marks = [...found.members].sort(byName).map(([user, { read, delivered }]) => ({
    user_id: people[user].id,
    last_read_seq: read,
    last_delivered_seq: delivered,
  }));
  const now = { version: found.version, last_seq: found.messages.length, has_more: false, read_marks: marks };
  for (const { page } of rows) expect(page).toMatchObject(now);
}

// deno-lint-ignore no-explicit-any
type Row = Record<string, any>;

/** Everything that happened in a room, a message where it last changed. */
function changes({ messages, changes }: Room): Change[] {
  const said = messages.map(({ version, seq, content, edited, deleted }): Change => ({
    version,
    event: deleted ? "message.deleted" : edited ? "message.updated" : "message.created",
    about: `#${seq} ${content}`,
  }));
  const reacted = messages.flatMap((message): Change[] => {
    const { seq, reacted: version } = message;
    return version === null ? [] : [{ version, event: "message.reactions", about: about(seq, counts(message)) }];
  });
  return [...said, ...reacted, ...changes].sort((one, other) => one.version - other.version);
}

const about = (seq: number, counts: Record<string, number>) =>
  `#${seq} ${Object.entries(counts).sort().map(([emoji, count]) => `${emoji}${count}`)}`;

/** A change that `sync` returned, in the model's form. */
function inShort(change: Row, user: (uuid: string) => User, message: Names["message"], found: Room): Change {
  const seqOf = (id: number) => found.messages.find(({ seq }) => message({ room: found.key, seq }) === id)?.seq;
  const texts: Record<string, () => string> = {
    "message": () => `#${change.message.seq} ${change.message.content}`,
    "message.pinned": () => `#${seqOf(change.pin.message_id)} ${user(change.pin.pinned_by)}`,
    "message.unpinned": () => `#${seqOf(change.message_id)}`,
    "message.reactions": () => about(change.seq, change.counts),
    "member.joined": () => `${user(change.user_id)} ${change.role}`,
    "member.updated": () => `${user(change.user_id)} ${change.role}`,
    "member.left": () => `${user(change.user_id)} ${change.member_count}`,
    "room.updated": () =>
      `${change.name}, ${change.description}, ${change.is_public}, ${change.posting}, ${change.inviting}, ${change.pinning}, ${
        change.locked_at !== null
      }`,
  };
  return { version: change.version, event: change.event, about: texts[change.message ? "message" : change.event]!() };
}

/** Members added together come in any order, which the model learns here. */
function learn(room: Room, changes: Change[]): void {
  for (const change of room.changes.filter(({ event }) => event === "member.joined")) {
    const { about } = changes.find(({ version }) => version === change.version) ?? change;
    const twin = room.changes.find((later) => later.version > change.version && later.about === about);
    if (change.about !== about && twin) [change.about, twin.about] = [twin.about, change.about];
  }
}
