import type { Sql } from "postgres";
import type { Status } from "../../support/stack.ts";
import type { Member } from "../people.ts";

/** Where a client connects, as the processes of the load take it. */
export interface Where {
  url: string;
  key: string;
  token: string;
  room: number;
  topic: string;
}

/** A room of all signed-in users, created by the first of them. */
export async function makeRoom({ functions_url }: Status, sql: Sql, members: Member[]): Promise<number> {
  const people = await sql<{ number: number }[]>`
    select number::integer from chat.profiles where username in ${sql(members.map(({ person }) => person.username))}`;
  const response = await fetch(`${functions_url}/messenger/api/chats/`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${members[0]!.token}` },
    body: JSON.stringify({ type: "group", name: "Fan-out", members: people.map(({ number }) => number) }),
  });
  if (!response.ok) throw new Error(`Making a room failed with ${response.status}: ${await response.text()}`);
  return (await response.json()).id;
}

/** Looks up the topics of rooms, and with them where to connect. */
export async function connector({ api_url: url, publishable_key: key }: Status, sql: Sql) {
  const rows = await sql<{ id: number; topic: string }[]>`select id::integer, topic from chat.rooms`;
  const topics = new Map(rows.map(({ id, topic }) => [id, topic]));
  return ({ token }: Member, room: number): Where => ({ url, key, token, room, topic: topics.get(room)! });
}

/** The number of the last message of a room. */
export async function lastSeq(sql: Sql, room: number): Promise<number> {
  const [row] = await sql<{ last: number }[]>`select last_seq::integer as last from chat.rooms where id = ${room}`;
  return row!.last;
}
