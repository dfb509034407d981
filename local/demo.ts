import { createClient } from "@supabase/supabase-js";
import type { Status } from "./base/status_file.ts";

const PASSWORD = "demo-password";
const PEOPLE = {
  ann: { first_name: "Ann", last_name: "Lee" },
  bob: { first_name: "Bob", last_name: "Stone" },
  olga: { first_name: "Olga", last_name: "Reed" },
};
/** The one who administers. */
const OPERATOR = "olga";
const address = (name: string) => `${name}@demo.example`;

type Person = Awaited<ReturnType<typeof signIn>>;
type Room = { id: number };

/** How to sign in as the demo users. */
export const DEMO_LOGINS = Object.keys(PEOPLE).map((name) =>
  `${name} (${address(name)}), password ${PASSWORD}${name === OPERATOR ? ": an administrator, also at /admin" : ""}`
);

/**
 * Creates two users, a direct room, a group and some messages, as any client would, and an administrator. Running it again changes nothing:
 * a message with a known `client_id` is not sent twice.
 */
export async function makeDemo(status: Status): Promise<void> {
  const [ann, bob, operator] = [
    await signIn(status, "ann"),
    await signIn(status, "bob"),
    await signIn(status, OPERATOR),
  ];
  await makeAdministrator(status, operator.id);
  const direct = await ann.call<Room>("create_direct_room", { user_id: bob.id });
  const group = await coffeeRoom(ann, bob);
  await send(ann, direct, 1, "Hi Bob, is the coffee machine yours?");
  await send(bob, direct, 2, "It is everybody's. Try the left button.");
  await send(ann, direct, 3, "Привет и спасибо!");
  await send(bob, group, 4, "This room is for everything about coffee.");
  await send(ann, group, 5, "Then here is the first question: filter or espresso?");
  await send(bob, group, 6, "Yes.");
}

async function signIn({ api_url, publishable_key }: Status, name: keyof typeof PEOPLE) {
  const auth = { persistSession: false, autoRefreshToken: false };
  const client = createClient(api_url, publishable_key, { auth, db: { schema: "chat" } });
  const credentials = { email: address(name), password: PASSWORD };
  const known = await client.auth.signInWithPassword(credentials);
  const { data, error } = known.error
    ? await client.auth.signUp({ ...credentials, options: { data: { username: name, ...PEOPLE[name] } } })
    : known;
  if (error) throw error;
  const call = async <T>(fn: string, args: object): Promise<T> => (await client.rpc(fn, args).throwOnError()).data as T;
  return { id: data.user!.id, client, call };
}

async function makeAdministrator({ api_url, secret_key }: Status, id: string): Promise<void> {
  const auth = { persistSession: false, autoRefreshToken: false };
  const { error } = await createClient(api_url, secret_key, { auth }).auth.admin.updateUserById(id, {
    app_metadata: { parley_role: "administrator" },
  });
  if (error) throw error;
}

async function coffeeRoom(ann: Person, bob: Person): Promise<Room> {
  const { data: known } = await ann.client.from("rooms").select("id").eq("slug", "demo-coffee").throwOnError();
  const room = { name: "Coffee", slug: "demo-coffee", member_ids: [bob.id], is_public: true };
  return known[0] ?? await ann.call<Room>("create_group_room", room);
}

async function send(sender: Person, room: Room, number: number, content: string): Promise<void> {
  const client_id = `00000000-0000-4000-8000-00000000000${number}`;
  await sender.call("send_message", { room_id: room.id, content, client_id });
}
