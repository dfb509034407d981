import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { database } from "../support/clients.ts";
import { baseOf, Caller } from "./caller.ts";
import { apis } from "./apis.ts";
import { newGroup, newPrivate, type Person, send, threePeople } from "./people.ts";

const status = inject("status");
const sql = database();
/** Every text that only Ann may read contains it. */
const mark = `s3cret${crypto.randomUUID().replaceAll("-", "")}`;
let ann: Person, bob: Person, eve: Person;
/** The names of Ann's things, to be put in every place of a URL. */
let names: (string | number)[];

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  await sql`update chat.profiles set show_email = false where number = ${ann.id}`;
  await sql`update auth.users set email = ${`${mark}@example.com`}
    where id = (select id from chat.profiles where number = ${ann.id})`;
  const rooms = [await newGroup(ann, bob), await newPrivate(ann, bob)];
  await ann.api.patch(`/api/chats/${rooms[0]}/`, { name: `Group ${mark}`, description: mark });
  const messages = [];
  for (const chat of rooms) messages.push(...await send(ann, chat, `pineapple ${mark}`));
  const pin = await ann.api.post("/api/pinned/", { chat: rooms[0], message: messages[0].id });
  const talks = new Caller(ann.access, "conversations");
  const talk = (await talks.post("/api/chat/conversations/", { title: mark })).body.id;
  const turns = `/api/chat/conversations/${talk}/messages/`;
  const turn = (await talks.post(turns, { role: "user", content: `pineapple ${mark}` })).body.id;
  const slugs = (await sql`select slug from chat.rooms where id = any (${rooms})`).map(({ slug }) => slug);
  const ids = messages.map(({ id }) => id);
  names = [...rooms, ...ids, pin.body.id, talk, turn, ...slugs, ann.id, ann.username, "pineapple"];
});
afterAll(() => sql.end());

interface Parameter {
  name: string;
  in: "query" | "path" | "header";
}

/** The URL of every GET route of an API, with every name of Ann's things in every place. */
async function everyGet(api: string): Promise<string[]> {
  const { paths } = await (await fetch(`${baseOf(api)}/api/schema/`)).json();
  const routes = Object.entries<{ get?: { parameters?: Parameter[] } }>(paths).filter(([, { get }]) => get);
  return routes.flatMap(([path, { get }]) => {
    const queries = (get!.parameters ?? []).filter((parameter) => parameter.in === "query");
    // When the path names the resource, a query only selects a part of it.
    const values = path.includes("{") ? names.slice(2, 3) : names;
    return fill(path).flatMap((address) => [
      address,
      ...queries.flatMap(({ name }) => values.map((value) => `${address}?${name}=${encodeURIComponent(value)}`)),
    ]);
  });
}

function fill(path: string): string[] {
  const place = /\{[^}]+\}/.exec(path)?.[0];
  if (!place) return [path];
  return names.flatMap((name) => fill(path.replace(place, encodeURIComponent(name))));
}

/** The URLs where a user reads what only Ann may read. */
async function tellingOf(person: Person, api: string): Promise<string[]> {
  const addresses = await everyGet(api);
  const caller = new Caller(person.access, api);
  const telling: string[] = [];
  const worker = async () => {
    for (let address = addresses.pop(); address !== undefined; address = addresses.pop()) {
      const { body, headers } = await caller.get(address);
      if (JSON.stringify([body, ...headers]).includes(mark)) telling.push(address);
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  return telling;
}

describe.each(apis.map(({ api }) => api))("no GET of %s", (api) => {
  test("shows a stranger what Ann can read there", async () => {
    expect(await tellingOf(eve, api)).toEqual([]);
    expect((await tellingOf(ann, api)).length).toBeGreaterThan(0);
  });
});

test("no GET shows a former member the group", async () => {
  await ann.api.put(`/api/chats/${names[0]}/`, { members: [] });
  await sql`delete from chat.room_members where room_id = ${names[1]!}
    and user_id = (select id from chat.profiles where number = ${bob.id})`;
  for (const { api } of apis) expect(await tellingOf(bob, api)).toEqual([]);
});

interface Table {
  name: string;
  /** The columns that users may read. */
  columns: string[];
}

/** A table as the Data API returns it to a user. */
async function read({ access }: Person, table: Table): Promise<{ status: number; text: string }> {
  const headers = { "apikey": status.publishable_key, "Authorization": `Bearer ${access}`, "Accept-Profile": "chat" };
  const response = await fetch(`${status.api_url}/rest/v1/${table.name}?select=${table.columns}`, { headers });
  return { status: response.status, text: await response.text() };
}

test("no table of the Data API shows what only Ann may read", async () => {
  const tables = await sql<Table[]>`
    select relname as name, array_agg(attname::text order by attnum) as columns
    from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
    where relnamespace = 'chat'::regnamespace and relkind = 'r' and has_column_privilege('authenticated', attrelid, attnum, 'select')
    group by relname`;
  const named = (part: typeof tables[number][]) => part.map(({ name }) => name).sort();
  const [eves, anns] = await Promise.all(
    [eve, ann].map((person) => Promise.all(tables.map((table) => read(person, table)))),
  );
  expect(eves!.map(({ status }) => status)).toEqual(tables.map(() => 200));
  expect(named(tables.filter((_, index) => eves![index]!.text.includes(mark)))).toEqual([]);
  expect(named(tables.filter((_, index) => anns![index]!.text.includes(mark)))).toEqual(
    ["conversation_messages", "conversations", "messages", "room_changes", "rooms"],
  );
});
