import { beforeAll, describe, expect, inject, test } from "vitest";
import { appClient, client } from "../../support/clients.ts";
import { uniqueName } from "../../support/users.ts";
import { exported } from "./exported.ts";

const claims = await exported("test-claims");
const { secret_key } = inject("status");
const service = appClient({ key: secret_key });
type Client = ReturnType<typeof client>;

/** Signs in by the link that Auth mails. */
async function byMail(type: "magiclink" | "invite", email: string): Promise<Client> {
  const { data, error } = await service.auth.admin.generateLink({ type, email });
  if (error) throw error;
  const supabase = client();
  const verified = await supabase.auth.verifyOtp({ type, token_hash: data.properties.hashed_token });
  expect(verified.error).toBeNull();
  return supabase;
}

/** The messages that a person sees, and whether they are their own, after the job has run: it would in a few seconds. */
async function seenBy(supabase: Client): Promise<string[]> {
  await claims.sql`select chat_private.job_link_people()`;
  const { data: { user } } = await supabase.auth.getUser();
  const { data, error } = await supabase.from("messages").select("content, sender_id").order("id").limit(100);
  if (error) throw error;
  return data.map(({ content, sender_id }) => `${content}${sender_id === user!.id ? " (own)" : ""}`);
}

describe("the history of an imported person", () => {
  const [ann, bob, carol] = ["ann", "bob", "carol"].map((name) => `${uniqueName(name)}@example.com`) as [
    string,
    string,
    string,
  ];
  const records = [
    { type: "person", id: "ann", name: "Ann Smith", email: ann.toUpperCase() },
    { type: "person", id: "bob", name: "Bob", email: bob },
    { type: "person", id: "carol", name: "Carol", email: carol },
    { type: "room", id: "r", kind: "direct", authors_are_members: true },
    { type: "message", room: "r", id: "1", sender: "ann", sent_at: "2024-01-01T00:00:00Z", text: "by Ann" },
    { type: "message", room: "r", id: "2", sender: "bob", sent_at: "2024-01-01T00:00:01Z", text: "by Bob" },
    { type: "room", id: "c", kind: "group", name: "C", authors_are_members: true },
    { type: "message", room: "c", id: "1", sender: "carol", sent_at: "2024-01-01T00:00:02Z", text: "by Carol" },
  ];
  const importAll = async (...more: object[]) =>
    claims.run(
      "parley",
      await claims.write("r.jsonl", [...records, ...more].map((line) => JSON.stringify(line)).join("\n")),
    );
  let known: Client;
  beforeAll(async () => {
    await client().auth.signUp({ email: carol, password: "a long secret" });
    known = await byMail("magiclink", carol);
    expect((await importAll()).code).toBe(0);
  });

  test("goes to the person who had proven the address before", async () => {
    await expect.poll(() => seenBy(known)).toEqual(["by Carol (own)"]);
  });

  test("is not for who only types the address, and for who proves it", async () => {
    const thief = client();
    const { data } = await thief.auth.signUp({ email: ann, password: "a long secret" });
    expect(data.session).not.toBeNull();
    expect(await seenBy(thief)).toEqual([]);

    const owner = await byMail("magiclink", ann);
    await expect.poll(() => seenBy(owner)).toEqual(["by Ann (own)", "by Bob"]);
    // The account that the thief had made is the owner's now.
    expect((await client().auth.signInWithPassword({ email: ann, password: "a long secret" })).error).not.toBeNull();
    expect((await thief.auth.refreshSession()).error).not.toBeNull();
  });

  test("is for who answers an invitation", async () => {
    const invited = await byMail("invite", bob);
    await expect.poll(() => seenBy(invited)).toEqual(["by Ann", "by Bob (own)"]);
  });

  test("goes on with the next import", async () => {
    const { output } = await importAll(
      { type: "message", room: "c", id: "2", sender: "carol", sent_at: "2024-01-02T00:00:00Z", text: "more by Carol" },
    );
    expect(output).toContain("people: 3 of 3, 0 of them new");
    expect(output).toContain("messages: 4 of 4, 1 of them new");
    expect(await seenBy(known)).toEqual(["by Carol (own)", "more by Carol (own)"]);
  });
});
