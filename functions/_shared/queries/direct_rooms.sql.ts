import { notFound } from "../base/errors.ts";
import type { Sql, Statement } from "../db/db.ts";
import { isNew } from "../http/idempotency.ts";

/**
 * The direct room of the caller and another person; two who open theirs at once get the same one.
 * @param isMeant a condition on chat.profiles as `profiles`.
 * @returns its id, and whether it was made by this.
 * @throws ApiError 404 when there is no such user.
 */
export async function openDirectRoom(sql: Sql, isMeant: Statement): Promise<{ id: number; created: boolean }> {
  const [room] = await sql<{ id: number; created: boolean }[]>`
    select room.id, ${isNew(sql)} as created
    from chat.profiles as profiles
    cross join lateral chat.create_direct_room(profiles.id) as room
    where ${isMeant}`;
  if (!room) throw notFound("user_not_found");
  return room;
}
