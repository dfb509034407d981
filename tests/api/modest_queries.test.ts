import { beforeAll, expect, test } from "vitest";
import { type Client, client } from "../support/clients.ts";
import { newGroup, newPerson } from "./people.ts";

// A member sends the Data API queries that would keep the database busy for seconds.
let supabase: Client;
let room: number;
const tooCostly = { status: 400, error: { code: "PT400", message: "query_too_costly" } };

beforeAll(async () => {
  const [ann, bob] = await Promise.all([newPerson("ann"), newPerson("bob")]);
  room = await newGroup(ann, bob);
  supabase = client();
  await supabase.auth.setSession({ access_token: ann.access, refresh_token: ann.refresh });
  await supabase.from("messages").insert({ room_id: room, content: `find ${"x".repeat(5_000)}` }).throwOnError();
});

const evil = "(x+x+)+y";
const deep = "*,rooms(*,messages(*,rooms(*,messages(*))))";
// deno-lint-ignore no-explicit-any
const asked: [title: string, ask: (chat: any) => PromiseLike<unknown>][] = [
  ["match", (chat) => chat.from("messages").select("id").filter("content", "match", evil)],
  ["imatch in an or", (chat) => chat.from("messages").select("id").or(`id.eq.0,content.imatch.${evil}`)],
  ["match in an update", (chat) => chat.from("messages").update({ content: "z" }).filter("content", "match", evil)],
  ["match on names", (chat) => chat.from("rooms").select("id").filter("name", "match", evil)],
  [
    "match on what a search finds",
    (chat) => chat.rpc("search_messages", { query: "find" }).select("id").filter("content", "match", evil),
  ],
  [
    "match on what was sent",
    (chat) =>
      chat.rpc("send_message", { room_id: room, content: "x".repeat(5_000) }).select("id").filter(
        "content",
        "match",
        evil,
      ),
  ],
  ["ilike on texts", (chat) => chat.from("messages").select("id").ilike("content", "%find%")],
  ["lists in lists", (chat) => chat.from("room_members").select(deep)],
];
test.each(asked)("GET %s → 400 query_too_costly at once", async (_title, ask) => {
  const start = performance.now();
  expect(await ask(supabase)).toMatchObject(tooCostly);
  expect(performance.now() - start).toBeLessThan(2_000);
});

test("the queries of frontends → 200", async () => {
  const found = async (request: PromiseLike<{ data: unknown; error: unknown }>) => {
    const { data, error } = await request;
    expect(error).toBeNull();
    return (data as unknown[]).length;
  };
  expect(await found(supabase.from("messages").select().eq("room_id", room).lt("seq", 9).order("seq"))).toBe(1);
  expect(await found(supabase.from("messages").select("*,sender:profiles(username)").eq("room_id", room))).toBe(1);
  expect(await found(supabase.from("rooms").select("*,messages(*),room_members(*,profiles(username))").eq("id", room)))
    .toBe(1);
  expect(await found(supabase.from("room_members").select("*,rooms(*,messages(*))").eq("room_id", room))).toBe(2);
  expect(await found(supabase.from("rooms").select("id,name").ilike("name", "%e%").eq("id", room))).toBeLessThan(2);
  const words = `a ~ "b" @@ 'c' like (json_agg(json_agg(`;
  expect(await found(supabase.from("messages").insert({ room_id: room, content: words }).select())).toBe(1);
  expect(await found(supabase.from("messages").select().eq("content", words).eq("room_id", room))).toBe(1);
});
