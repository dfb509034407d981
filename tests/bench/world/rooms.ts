import type { Sql } from "postgres";
import { Random } from "./random.ts";
import type { Room, World } from "./world.ts";

const DAY = 24 * 3600 * 1000;

/** Creates the rooms and their members, in the state before the first message. */
export async function addRooms(sql: Sql, { people, rooms }: World, day: number): Promise<void> {
  const created = new Date(Date.now() - day * DAY).toISOString();
  const idOf = (member: number) => people[member]!.id;
  const pairOf = ({ members }: Room) => members.map(idOf).sort().join(":");
  await sql`
    insert into chat.rooms (id, kind, name, created_by, direct_key, member_count, members_version, created_at)
    overriding system value
    select rooms.*, ${created}::timestamptz
    from unnest(${rooms.map(({ id }) => id)}::bigint[], ${rooms.map(({ kind }) => kind)}::chat.room_kind[],
      ${rooms.map(({ name }) => name)}::text[], ${rooms.map(({ members }) => idOf(members[0]!))}::uuid[],
      ${rooms.map((room) => room.kind === "direct" ? pairOf(room) : null)}::text[],
      ${rooms.map(({ members }) => members.length)}::integer[],
      ${rooms.map(({ members }) => members.length)}::bigint[]) as rooms`;
  await sql`select setval(pg_get_serial_sequence('chat.rooms', 'id'), ${rooms.length})`;
  const members = rooms.flatMap(({ id, kind, members }) =>
    members.map((member, place) => ({ id, user: idOf(member), role: roleOf(kind, place) }))
  );
  await sql`
    insert into chat.room_members (room_id, user_id, role, joined_at)
    select members.*, ${created}::timestamptz
    from unnest(${members.map(({ id }) => id)}::bigint[], ${members.map(({ user }) => user)}::uuid[],
      ${members.map(({ role }) => role)}::chat.member_role[]) as members`;
}

function roleOf(kind: Room["kind"], place: number): string {
  if (kind === "direct" || place > 2) return "member";
  return place === 0 ? "owner" : "admin";
}

/** The seq of the last message of each member, 0 for none. */
export type Written = Float64Array[];

/** Sets the read marks: one in four has read everything, the others have a backlog, but none before their own message. */
export async function setMarks(sql: Sql, { people, rooms }: World, written: Written, backlog: number): Promise<void> {
  const random = new Random(3);
  const lastSeqs = new Map(
    (await sql<{ id: string; last_seq: string }[]>`select id, last_seq from chat.rooms`).map(({ id, last_seq }) => [
      Number(id),
      Number(last_seq),
    ]),
  );
  const marks = rooms.flatMap(({ id, members }, place) =>
    members.map((member, at) => {
      const lastSeq = lastSeqs.get(id)!;
      const unread = random.next() < 0.25 ? 0 : random.exponential(backlog);
      const read = Math.max(written[place]![at]!, lastSeq - unread, 0);
      return { id, user: people[member]!.id, read, delivered: Math.max(read, lastSeq - Math.floor(unread / 2), 0) };
    })
  );
  await sql`
    update chat.room_members as members
    set last_read_seq = marks.read, last_delivered_seq = marks.delivered
    from unnest(${marks.map(({ id }) => id)}::bigint[], ${marks.map(({ user }) => user)}::uuid[],
      ${marks.map(({ read }) => read)}::bigint[], ${marks.map(({ delivered }) => delivered)}::bigint[])
      as marks (room_id, user_id, read, delivered)
    where members.room_id = marks.room_id and members.user_id = marks.user_id`;
}
