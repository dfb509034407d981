import { beforeAll, describe, expect, test } from "vitest";
import { type Client, client } from "../../support/clients.ts";
import { uniqueName } from "../../support/users.ts";
import { newPrivate, type Person, send, threePeople } from "../people.ts";

let ann: Person, bob: Person, eve: Person, chat: number;
let supabase: Record<"ann" | "bob" | "eve", Client>;

/** The same user on supabase-js, with the tokens of the REST API. */
async function sameAs({ access, refresh }: Person): Promise<Client> {
  const other = client();
  await other.auth.setSession({ access_token: access, refresh_token: refresh });
  return other;
}

/** A message as clients insert it; the database numbers it. */
const row = (content: string) => ({ room_id: chat, content });

beforeAll(async () => {
  ({ ann, bob, eve } = await threePeople());
  chat = await newPrivate(ann, bob);
  supabase = { ann: await sameAs(ann), bob: await sameAs(bob), eve: await sameAs(eve) };
});

describe("REST API and supabase-js", () => {
  test("supabase-js reads what the REST API wrote", async () => {
    const [message] = await send(ann, chat, "By REST");
    const { data } = await supabase.bob.from("messages").select("id, seq, version, content").eq("id", message.id)
      .single();
    expect(data).toEqual({ id: message.id, seq: message.seq, version: message.version, content: "By REST" });
  });

  test("the REST API reads what supabase-js wrote, with the next seq", async () => {
    const [before] = await send(ann, chat, "By REST");
    const { data } = await supabase.bob.rpc("send_message", { room_id: chat, content: "By RPC" });
    const inserted = await supabase.bob.from("messages").insert(row("By insert")).select("id")
      .single();
    const { body } = await ann.api.get(`/api/messages/?chat=${chat}&after=${before.id}`);
    expect(body).toMatchObject([
      { id: data!.id, seq: before.seq + 1, text: "By RPC", sender: bob.id },
      { id: inserted.data!.id, seq: before.seq + 2, text: "By insert", sender: bob.id },
    ]);
  });

  test("a client_id stands for the same message in both", async () => {
    const client_id = crypto.randomUUID();
    const { body } = await ann.api.post("/api/messages/", { chat, text: "Once", client_id });
    const { data } = await supabase.ann.rpc("send_message", { room_id: chat, content: "Once", client_id });
    expect(data!.id).toBe(body.id);
  });

  test("a new username shows everywhere at once", async () => {
    const username = uniqueName("robert");
    await send(bob, chat, "It is me");
    await supabase.bob.from("profiles").update({ username }).eq("username", bob.username);
    const { body: list } = await ann.api.get("/api/chats/");
    expect(list[0]).toMatchObject({ name: username, members: expect.arrayContaining([{ id: bob.id, username }]) });
    const { body: history } = await ann.api.get(`/api/messages/?chat=${chat}&limit=1`);
    expect(history[0]).toMatchObject({ sender: bob.id, sender_username: username });
    bob.username = username;
  });

  test("a stranger can neither read nor write", async () => {
    const [message] = await send(ann, chat, "Private");
    // Public groups of others are visible.
    const rooms = await supabase.eve.from("rooms").select().eq("is_public", false);
    expect([rooms.data, rooms.error]).toEqual([[], null]);
    for (const table of ["room_members", "messages", "pins", "room_changes"] as const) {
      const { data, error } = await supabase.eve.from(table).select();
      expect([table, data, error]).toEqual([table, [], null]);
    }
    const sent = await supabase.eve.rpc("send_message", { room_id: chat, content: "Let me in" });
    expect(sent.error).toMatchObject({ message: "room_not_found" });
    const inserted = await supabase.eve.from("messages").insert(row("Let me in"));
    expect(inserted.error).not.toBeNull();
    const changed = await supabase.eve.from("messages").update({ content: "x" }).eq("id", message.id).select();
    expect(changed.data).toEqual([]);
    expect((await ann.api.get(`/api/messages/${message.id}/`)).body).toEqual(message);
  });

  test("a visitor who is not signed in can read nothing", async () => {
    const { data, error } = await client().from("messages").select();
    expect(data).toBeNull();
    expect(error).not.toBeNull();
  });
});
