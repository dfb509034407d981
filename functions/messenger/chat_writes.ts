import type { z } from "@hono/zod-openapi";
import type { Claims } from "../_shared/auth/tokens.ts";
import { invalid } from "../_shared/base/errors.ts";
import { type Sql, transactionAsUser } from "../_shared/db/db.ts";
import { isNew } from "../_shared/http/idempotency.ts";
import { openDirectRoom } from "../_shared/queries/direct_rooms.sql.ts";

import { findPeople, uuidArray } from "../_shared/queries/people.ts";
import { found, oneChat } from "./chats.sql.ts";
import type { Chat } from "./schemas.ts";

type Answer = z.infer<typeof Chat>;

interface Wanted {
  type: "private" | "group";
  name?: string | null;
  description?: string;
  members?: number[];
  member_ids?: number[];
  user_id?: number;
  /** Makes it safe to ask for the same group again. */
  key?: string | null;
}

interface Change
  extends
    Pick<Wanted, "name" | "description" | "members" | "member_ids">,
    Partial<Pick<Answer, "posting" | "inviting" | "pinning" | "slow_mode_seconds">> {
  locked?: boolean;
  locked_reason?: string;
}

/** People by their numbers, and the field that names them in errors. */
interface Named {
  numbers: number[];
  field: string;
}

/** The members that the fields name together; undefined when none is given. */
function named({ members, member_ids, user_id }: Omit<Wanted, "type" | "key">): Named | undefined {
  const given = Object.entries({ members, member_ids, user_id: user_id === undefined ? undefined : [user_id] })
    .flatMap(([field, numbers]) => numbers ? [{ field, numbers }] : []);
  const [first] = given.toSorted((one, other) => Number(other.numbers.length > 0) - Number(one.numbers.length > 0));
  return first && { field: first.field, numbers: given.flatMap(({ numbers }) => numbers) };
}

/** Makes a group, or opens the private chat with another person. */
export function createChat(claims: Claims, wanted: Wanted): Promise<{ chat: Answer; created: boolean }> {
  return transactionAsUser(claims, async (sql) => {
    const { numbers, field } = named(wanted)!;
    const others = (await findPeople(sql, numbers, field)).filter(({ id }) => id !== claims.sub);
    const { id, created } = wanted.type === "private"
      ? await openPrivate(sql, others, field)
      : await createGroup(sql, others, wanted);
    const [chat] = await oneChat(sql, id);
    return { chat: found(chat), created };
  });
}

function openPrivate(sql: Sql, others: { id: string }[], field: string) {
  if (others.length !== 1) throw invalid(field, "A private chat has exactly two members.");
  return openDirectRoom(sql, sql`profiles.id = ${others[0]!.id}`);
}

async function createGroup(sql: Sql, others: { id: string }[], { name, description = "", key = null }: Wanted) {
  if (name === null || name === undefined) throw invalid("name", "This field is required.");
  if (name === "") throw invalid("name", "This field may not be blank.");
  const [room] = await sql<{ id: number; created: boolean }[]>`
    select id, ${isNew(sql)} as created
    from chat.create_group_room(
      ${name}, ${uuidArray(others)}::uuid[], description => ${description}, client_id => ${key}
    )`;
  return room!;
}

/** Updates a group; `members` replaces all other members. Those of a private chat never change. */
export function changeChat(
  claims: Claims,
  id: number,
  { members: present, member_ids, ...settings }: Change,
): Promise<Answer> {
  const members = named({ members: present, member_ids });
  const { name = null, description = null, posting = null, inviting = null, pinning = null } = settings;
  const { locked = null, locked_reason = null, slow_mode_seconds = null } = settings;
  const isAboutMembers = members !== undefined && Object.keys(settings).length === 0;
  return transactionAsUser(claims, async (sql) => {
    await sql`
      select chat.update_room(
        rooms.id, ${name}, ${description}, posting => ${posting}, inviting => ${inviting}, pinning => ${pinning},
        locked => ${locked}, locked_reason => ${locked_reason}, slow_mode_seconds => ${slow_mode_seconds}
      )
      from chat.rooms as rooms
      where rooms.id = ${id} and rooms.kind = 'group' and not (${isAboutMembers} and rooms.inviting = 'everyone')`;
    if (members) await setMembers(sql, claims, id, members);
    const [chat] = await oneChat(sql, id);
    return found(chat);
  });
}

async function setMembers(sql: Sql, claims: Claims, id: number, { numbers, field }: Named): Promise<void> {
  const wanted = await findPeople(sql, numbers, field);
  const present = await sql<{ id: string }[]>`select user_id as id from chat.room_members where room_id = ${id}`;
  const joining = wanted.filter((person) => !present.some((member) => member.id === person.id));
  const leaving = present.filter((member) =>
    member.id !== claims.sub && !wanted.some((person) => person.id === member.id)
  );
  if (joining.length > 0) await sql`select from chat.add_members(${id}, ${uuidArray(joining)}::uuid[])`;
  for (const { id: member } of leaving) await sql`select chat.remove_member(${id}, ${member})`;
}
