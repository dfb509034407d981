import type { z } from "@hono/zod-openapi";
import type { Claims } from "../_shared/auth/tokens.ts";
import { notFound } from "../_shared/base/errors.ts";
import { readAsUser, type Sql, type Statement } from "../_shared/db/db.ts";
import { parse } from "../_shared/http/json_list.ts";
import { type RoomPage, roomPage } from "../_shared/queries/my_rooms.sql.ts";
import { iso } from "./messages.sql.ts";
import type { Chat } from "./schemas.ts";

/** Chats of the caller as the API shows them, each as a row `chat` beside its row `page`. */
const chats = (sql: Sql, page: RoomPage) =>
  sql`
    ${roomPage(sql, page)} as page
    cross join lateral (
      select page.id, case page.kind when 'direct' then 'private' else 'group' end as type,
        case when page.name = '' and page.kind = 'direct' then coalesce(
          (
            select other ->> 'username' from json_array_elements(page.members) as other
            where (other ->> 'id')::bigint <> page.own_number
          ),
          ''
        ) else page.name end as name,
        page.description, page.avatar_url, page.members, page.member_count as members_count, page.unread_count,
        page.mention_count,
        page.last_read_id as last_read_message_id,
        case when page.last_id is not null then
          json_build_object('id', page.last_id, 'text', page.last_text, 'created_at', ${iso(sql, sql`page.last_at`)})
        end as last_message,
        page.last_seq, page.version, ${iso(sql, sql`page.created_at`)} as created_at,
        page.posting, page.inviting, page.pinning, ${iso(sql, sql`page.locked_at`)} as locked_at, page.locked_reason,
        page.slow_mode_seconds
    ) as chat`;

/** One chat of the caller, or no row. */
export const oneChat = (sql: Sql, id: number) =>
  sql<z.infer<typeof Chat>[]>`select chat.* from ${chats(sql, { only: id })}`;

/** The caller's chats as one list in JSON, to be read by `readChatList`. */
export const chatList = (sql: Sql, page: RoomPage) =>
  sql`
    select coalesce(json_agg(chat order by page.place), '[]'), count(*), coalesce(max(page.selected), 0),
      coalesce((array_agg(page.id order by page.place desc))[1], 0)
    from ${chats(sql, page)}`
    .raw() as unknown as Statement;

/** The list that such a statement has answered. */
export function readChatList([row]: Uint8Array[][]) {
  const [json, length, selected, lastId] = row as Uint8Array<ArrayBuffer>[];
  return { json: json!, length: parse(length), selected: parse(selected), lastId: parse(lastId) };
}

/** One chat of the caller. Raises 404 for anyone else's. */
export async function readChat(claims: Claims, id: number): Promise<z.infer<typeof Chat>> {
  const [[chat]] = await readAsUser(claims, (sql) => [oneChat(sql, id)]);
  return found(chat);
}

/** The chat of a statement that is about one. Raises 404 when there is none. */
export function found(chat: z.infer<typeof Chat> | undefined): z.infer<typeof Chat> {
  if (!chat) throw notFound("room_not_found");
  return chat;
}

/** Raises 404 unless the caller is in the chat. */
export async function requireChat(claims: Claims, id: number): Promise<void> {
  await readChat(claims, id);
}
