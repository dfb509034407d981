import type { z } from "@hono/zod-openapi";
import { asUserStepwise, type Sql } from "../_shared/db.ts";
import { invalid } from "../_shared/errors.ts";
import { isNew } from "../_shared/idempotency.ts";
import { findPeople, uuidArray } from "../_shared/people.ts";
import type { Claims } from "../_shared/tokens.ts";
import { chatRows, found } from "./chats.sql.ts";
import type { Chat } from "./schemas.ts";

type Answer = z.infer<typeof Chat>;

/** Makes a chat; two who start a private chat with each other at once get the same one. */
export function createChat(claims: Claims, wanted: {
  type: "private" | "group";
  name?: string | null;
  description?: string;
  members: number[];
}): Promise<{ chat: Answer; created: boolean }> {
  return asUserStepwise(claims, async (sql) => {
    const others = (await findPeople(sql, wanted.members)).filter(({ id }) => id !== claims.sub);
    const [room] = wanted.type === "private"
      ? await createPrivate(sql, others)
      : await sql`select made.id, true as created
          from chat.create_group_room(${required(wanted.name)}, ${uuidArray(others)}::uuid[],
            description => ${wanted.description ?? ""}) as made`;
    const [row] = await chatRows(sql, { only: room!.id });
    return { chat: found(row), created: room!.created };
  });
}

function createPrivate(sql: Sql, others: { id: string }[]) {
  if (others.length !== 1) throw invalid("members", "A private chat has exactly two members.");
  return sql`select made.id, ${isNew(sql)} as created from chat.create_direct_room(${others[0]!.id}) as made`;
}

function required(name: string | null | undefined): string {
  if (name === null || name === undefined) throw invalid("name", "This field is required.");
  return name;
}

/** Changes what is given of a chat; `members` are all others who shall be in it. */
export function changeChat(
  claims: Claims,
  id: number,
  change: { name?: string; description?: string; members?: number[] },
): Promise<Answer> {
  const { name = null, description = null, members } = change;
  return asUserStepwise(claims, async (sql) => {
    await sql`select from chat.update_room(${id}, ${name}, ${description})`;
    if (members) await setMembers(sql, claims, id, members);
    const [row] = await chatRows(sql, { only: id });
    return found(row);
  });
}

async function setMembers(sql: Sql, claims: Claims, id: number, numbers: number[]): Promise<void> {
  const wanted = await findPeople(sql, numbers);
  const present = await sql<{ id: string }[]>`select user_id as id from chat.room_members where room_id = ${id}`;
  const joining = wanted.filter((person) => !present.some((member) => member.id === person.id));
  const leaving = present.filter((member) =>
    member.id !== claims.sub && !wanted.some((person) => person.id === member.id)
  );
  if (joining.length > 0) await sql`select from chat.add_members(${id}, ${uuidArray(joining)}::uuid[])`;
  for (const { id: member } of leaving) await sql`select chat.remove_member(${id}, ${member})`;
}
