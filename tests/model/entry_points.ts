import type { Sql, TransactionSql } from "postgres";
import { actingAs } from "../support/acting.ts";
import { type Model, Refusal } from "./model.ts";
import type { MessageKey, User } from "./things.ts";

/** What users do, by the names of the model. */
export type Action = Exclude<keyof Model, "rooms" | "find">;
export type Args<A extends Action> = Parameters<Model[A]>;
/** One way into the database: it does what the model does. Returns the id of a room that it created. */
export type EntryPoint = { [A in Action]: (...args: Args<A>) => Promise<number | void> };

/** The account behind a user of the model. */
export interface Actor {
  id: string;
  number: number;
  token: string;
}

/** The ids in the database that the model's keys stand for. */
export interface Names {
  people: Record<User, Actor>;
  room: (key: number) => number;
  message: (key: MessageKey) => number;
}

/** The SQL functions, called over a direct connection. */
export function sqlEntryPoint(sql: Sql, { people, room, message }: Names): EntryPoint {
  const call = async (user: User, run: (sql: TransactionSql) => Promise<{ id?: string }[]>) => {
    const [row] = await actingAs(sql, people[user].id, run).catch((error) => {
      throw refusal(error);
    });
    return row?.id === undefined ? undefined : Number(row.id);
  };
  const uuids = (users: readonly User[]) => users.map((user) => people[user].id);
  return {
    createDirect: (user, other) =>
      call(user, (sql) => sql`select id from chat.create_direct_room(${people[other].id})`),
    createGroup: (user, name, others, isPublic) =>
      call(user, (sql) => sql`select id from chat.create_group_room(${name}, ${uuids(others)}::uuid[], ${isPublic})`),
    update: (user, key, { name = null, description = null, isPublic = null }) =>
      call(user, (sql) => sql`select from chat.update_room(${room(key)}, ${name}, ${description}, ${isPublic})`),
    switch: (user, key, { posting, inviting, pinning, locked }) =>
      call(user, (sql) =>
        sql`select from chat.update_room(
          ${room(key)}, posting => ${posting}, inviting => ${inviting}, pinning => ${pinning}, locked => ${locked}
        )`),
    deleteRoom: (user, key) => call(user, (sql) => sql`select from chat.delete_room(${room(key)})`),
    join: (user, key) => call(user, (sql) => sql`select from chat.join_room(${room(key)})`),
    leave: (user, key) => call(user, (sql) => sql`select from chat.leave_room(${room(key)})`),
    add: (user, key, others) =>
      call(user, (sql) => sql`select from chat.add_members(${room(key)}, ${uuids(others)}::uuid[])`),
    remove: (user, key, other) =>
      call(user, (sql) => sql`select from chat.remove_member(${room(key)}, ${people[other].id})`),
    setRole: (user, key, other, role) =>
      call(user, (sql) => sql`select from chat.set_member_role(${room(key)}, ${people[other].id}, ${role}, true)`),
    send: (user, key, content, client, seq, mentions = [], isForAll = false) => {
      const reply = seq === null ? null : message({ room: key, seq });
      return call(user, (sql) =>
        sql`select from chat.send_message(
          ${room(key)}, ${content}, ${client}, ${reply}, mentions => ${
          uuids(mentions)
        }::uuid[], mention_all => ${isForAll}
        )`);
    },
    forward: (user, from, key, client) =>
      call(user, (sql) => sql`select from chat.forward_message(${message(from)}, ${room(key)}, ${client})`),
    edit: (user, key, content, mentions = null, all = null) =>
      call(
        user,
        (sql) =>
          sql`select from chat.edit_message(${message(key)}, ${content}, ${
            mentions && uuids(mentions)
          }::uuid[], ${all})`,
      ),
    deleteMessage: (user, key) => call(user, (sql) => sql`select from chat.delete_message(${message(key)})`),
    react: (user, key, emoji) => call(user, (sql) => sql`select from chat.react(${message(key)}, ${emoji})`),
    unreact: (user, key, emoji) => call(user, (sql) => sql`select from chat.unreact(${message(key)}, ${emoji})`),
    pin: (user, key) => call(user, (sql) => sql`select from chat.pin_message(${message(key)})`),
    unpin: (user, key) => call(user, (sql) => sql`select from chat.unpin_message(${message(key)})`),
    read: (user, key, seq) => call(user, (sql) => sql`select from chat.mark_read(${room(key)}, ${seq})`),
    deliver: (user, key, seq) => call(user, (sql) => sql`select from chat.mark_delivered(${room(key)}, ${seq})`),
  };
}

/** The messenger's REST API, where it names its refusals; the rest goes through `otherwise`. */
export function restEntryPoint(url: string, otherwise: EntryPoint, { people, room, message }: Names): EntryPoint {
  const call = async (user: User, method: string, path: string, body?: unknown) => {
    const headers = { Authorization: `Bearer ${people[user].token}`, "Content-Type": "application/json" };
    const response = await fetch(
      `${url}/messenger/api${path}`,
      { method, headers, body: body && JSON.stringify(body) } as RequestInit,
    );
    const answer = response.status === 204 ? {} : await response.json();
    if (!response.ok) throw new Refusal(answer.code ?? `${response.status} ${JSON.stringify(answer)}`);
    // A private chat is answered as it is, whatever it was to become.
    if (method === "PATCH" && answer.type === "private") throw new Refusal("role_required");
    return answer.id;
  };
  const numbers = (users: readonly User[]) => users.map((user) => people[user].number);
  return {
    ...otherwise,
    createGroup: (user, name, others, isPublic) =>
      isPublic
        ? otherwise.createGroup(user, name, others, true)
        : call(user, "POST", "/chats/", { type: "group", name, members: numbers(others) }),
    update: (user, key, { name, description, isPublic }) =>
      // Its texts are trimmed.
      isPublic === undefined && description !== " \n"
        ? call(user, "PATCH", `/chats/${room(key)}/`, { name, description })
        : otherwise.update(user, key, { name, description, isPublic }),
    switch: (user, key, switches) => call(user, "PATCH", `/chats/${room(key)}/`, switches),
    deleteRoom: (user, key) => call(user, "DELETE", `/chats/${room(key)}/`),
    send: (user, key, text, client_id, reply, mentions = [], isForAll = false) =>
      reply === null
        ? call(user, "POST", "/messages/", {
          chat: room(key),
          text,
          client_id,
          mentions: numbers(mentions),
          mention_all: isForAll,
        })
        : otherwise.send(user, key, text, client_id, reply, mentions, isForAll),
    forward: (user, from, key, client_id) =>
      call(user, "POST", "/messages/", { chat: room(key), forwarded_from: message(from), client_id }),
    edit: (user, key, text, mentions, all) =>
      call(user, "PUT", `/messages/${message(key)}/`, {
        text,
        mentions: mentions ? numbers(mentions) : undefined,
        mention_all: all ?? undefined,
      }),
    deleteMessage: (user, key) => call(user, "DELETE", `/messages/${message(key)}/`),
    read: (user, key, seq) =>
      seq === null ? call(user, "POST", `/chats/${room(key)}/read/`, {}) : otherwise.read(user, key, seq),
  };
}

/** A refusal that SQL raises by name, or a check by its constraint; anything else is a bug. */
export function refusal(error: { code?: string; message: string; constraint_name?: string }): unknown {
  if (error.code?.startsWith("PT")) return new Refusal(error.message);
  return error.code === "23514" ? new Refusal(error.constraint_name) : error;
}
