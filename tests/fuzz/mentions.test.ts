import fc from "fast-check";
import process from "node:process";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { database } from "../support/clients.ts";
import { newUser, type User } from "../support/users.ts";
import { Fields, hostile, json, mostly, type Node } from "./values.ts";

// The functions that people call through the Data API, with arguments that no client sends.
const status = inject("status");
const { FUZZ_COUNT = "250", FUZZ_SEED = "7" } = process.env;
const NOBODY = "00000000-0000-4000-8000-000000000000";

const sql = database();
let [me, friend, stranger]: User[] = [];
let [room, message] = [0, 0];

beforeAll(async () => {
  [me, friend, stranger] = await Promise.all([newUser("mallory"), newUser("bob"), newUser("alice")]);
  const { data: made } = await me!.supabase.rpc("create_group_room", { name: "Tea", member_ids: [friend!.id] })
    .throwOnError();
  room = made.id;
  const { data: sent } = await me!.supabase.rpc("send_message", { room_id: room, content: "Tea?" }).throwOnError();
  message = sent.id;
});
afterAll(() => sql.end());

type Arguments = Record<string, fc.Arbitrary<Node>>;

/** Calls a function with some of the arguments, each of which may be anything. */
async function call(name: string, args: [string, Node][]): Promise<number> {
  const body = json(new Fields(args));
  const response = await fetch(`${status.api_url}/rest/v1/rpc/${name}`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      "Content-Profile": "chat",
      apikey: status.publishable_key,
      Authorization: `Bearer ${me!.token}`,
    },
    body,
  });
  const answer = await response.text();
  // PostgREST has a 500 for it, too.
  if (/number of array dimensions/.test(answer)) return 400;
  expect(response.status, `${name}(${body.slice(0, 2_000)}): ${answer.slice(0, 500)}`).toBeLessThan(500);
  return response.status;
}

const entries = (args: Arguments, wanted: Arguments) =>
  fc.tuple(
    fc.tuple(...Object.entries(wanted).map(([name, value]) => value.map((value): [string, Node] => [name, value]))),
    fc.tuple(
      ...Object.entries(args).map(([name, value]) =>
        fc.option(mostly(value, 3, hostile)).map((value): [string, Node][] => value === null ? [] : [[name, value]])
      ),
    ),
  ).map(([wanted, others]) => [...wanted, ...others.flat()]);

test(`mentions stand ${FUZZ_COUNT} calls (seed ${FUZZ_SEED})`, { timeout: 120_000 }, async () => {
  const people = fc.constantFrom<Node>(...[me!, me!, friend!, friend!, friend!, stranger!].map(({ id }) => id), NOBODY);
  const mentions = mostly(
    fc.array(people, { maxLength: 2 }),
    3,
    fc.array(mostly(people, 5, hostile), { maxLength: 60 }),
  );
  const mention_all = fc.boolean();
  const mentions_me = fc.boolean();
  const text = fc.constantFrom<Node>("Tea", "@bob Tea?");
  const calls: Record<string, fc.Arbitrary<[string, Node][]>> = {
    send_message: entries({ mentions, mention_all }, { room_id: fc.constant(room), content: text }),
    edit_message: entries({ mentions, mention_all }, { message_id: fc.constant(message), content: text }),
    search_page: entries({ mentions_me, query: text, room_id: fc.constant(room) }, {}),
    search_messages: entries({ mentions_me, query: text, room_id: fc.constant(room) }, {}),
    mention_list: entries({ before_id: fc.constant(message), max_rows: fc.integer() }, {}),
  };
  const done = new Set<string>();
  const any = fc.oneof(
    ...Object.entries(calls).map(([name, args]) => args.map((args) => [name, args] as const)),
  );
  await fc.assert(
    fc.asyncProperty(any, async ([name, args]) => {
      if (await call(name, args) < 300) done.add(name);
    }),
    { seed: Number(FUZZ_SEED), numRuns: Number(FUZZ_COUNT) },
  );
  expect([...done].sort()).toEqual(Object.keys(calls).sort());
  const [found] = await sql`
    select count(*) filter (where user_id = ${friend!.id})::integer > 0 as friend,
      count(*) filter (where user_id <> ${friend!.id})::integer as others,
      (select count(*)::integer from chat.messages where room_id = ${room} and (mentions::text like ${`%${
    stranger!.id
  }%`}
        or mentions::text like ${`%${NOBODY}%`} or jsonb_array_length(mentions) > 2)) as wrong
    from chat.mentions where room_id = ${room}`;
  expect(found, "only members are mentioned, and nobody by themselves").toEqual({ friend: true, others: 0, wrong: 0 });
});
