import type { TransactionSql } from "postgres";
import { actingAs } from "../../support/acting.ts";
import type { World } from "../world.ts";
import { type Action, again, calling, insert, refused, remove, update } from "./action.ts";

const status = { room: ["user.status"] };
const conversation = ({ made }: World) => ({ id: made.conversation.id });
const client_id = crypto.randomUUID();
const reply = ({ made }: World) => ({
  conversation_id: made.conversation.id,
  role: "assistant",
  content: "Hello to you",
  client_id,
});
const announced = { conversation: { owner: ["message.created"] } };
const friend = (world: World) => ({ friend_id: world.id("other") });
const blocked = (world: World) => ({ user_id: world.id("other") });

/** An action of a moderator, or an administrator, who is one only as long as it takes. */
function moderating(
  name: string,
  statement: (world: World, sql: TransactionSql) => Promise<unknown>,
  announced = {},
  role = "moderator",
): Action {
  return {
    entryPoints: [name],
    async run(world) {
      const appoint = (role: string | null) =>
        world.sql`
          update auth.users
          set raw_app_meta_data = coalesce(raw_app_meta_data, '{}') || jsonb_build_object('parley_role', ${role}::text)
          where id = ${world.id("stranger")}`;
      await appoint(role);
      const claims = { app_metadata: { parley_role: role } };
      await actingAs(world.sql, world.id("stranger"), (sql) => statement(world, sql), claims);
      await appoint(null);
    },
    ...announced,
  };
}

const administering = (name: string, statement: (world: World, sql: TransactionSql) => Promise<unknown>) =>
  moderating(name, statement, {}, "administrator");

const noticed = { people: { other: ["notice.added"] } };

export const personActions: Action[] = [
  calling("member", "touch_status", () => ({}), status),
  calling("member", "touch_status", () => ({}), again),
  calling("member", "touch_status", () => ({ signed_out: true }), { how: "signed out", ...status }),
  {
    entryPoints: ["insert friendships"],
    run: (world) => insert(world, "owner", "friendships", friend(world)),
    people: { other: ["friend.added"] },
  },
  {
    entryPoints: ["delete friendships"],
    run: (world) => remove(world, "owner", "friendships", friend(world)),
    silent: (world) => world.of("other").forEach(({ replica }) => replica.friends.delete(world.id("owner"))),
  },
  calling("owner", "block_user", blocked, { people: { owner: ["block.added"] } }),
  calling("owner", "block_user", blocked, again),
  refused("other", "create_direct_room", ({ id }) => ({ user_id: id("owner") }), "not_reachable"),
  // It takes a token of the caller.
  calling("other", "export_page", () => ({}), {}),
  // What it announces: tests/sql/482_account_deletion.test.sql and tests/api/accounts/deletion.test.ts.
  refused("other", "delete_account", ({ id }) => ({ user_id: id("owner"), confirmed: true }), "administrator_required"),
  calling("owner", "unblock_user", blocked, { people: { owner: ["block.removed"] } }),
  calling("owner", "unblock_user", blocked, again),
  calling("owner", "report", ({ id }) => ({ reason: "spam", user_id: id("other") }), {}, "report"),
  refused("owner", "mute_user", ({ id }) => ({ user_id: id("other") }), "moderator_required"),
  moderating(
    "resolve_report",
    ({ made }, sql) => sql`select from chat.resolve_report(${made.report.id}, 'warn', 'Rude')`,
    { people: { ...noticed.people, owner: ["notice.added"] } },
  ),
  moderating("mute_user", ({ id }, sql) => sql`select from chat.mute_user(${id("other")})`, noticed),
  // In one transaction: a suspended person reads nothing to compare. What each door answers: tests/relay/cut_off.test.ts.
  moderating(
    "suspend_user",
    ({ id }, sql) => sql`select chat.suspend_user(${id("gone")}), chat.unsuspend_user(${id("gone")})`,
    { entryPoints: ["suspend_user", "unsuspend_user"], people: { gone: ["notice.added"] } },
  ),
  moderating("unmute_user", ({ id }, sql) => sql`select from chat.unmute_user(${id("other")})`),
  moderating("warn_user", ({ id }, sql) => sql`select from chat.warn_user(${id("other")}, 'Rude')`, noticed),
  // It takes a token of the caller.
  moderating("moderated_people", (_, sql) => sql`select from chat.moderated_people('Tea')`),
  administering(
    "moderated_messages",
    ({ rooms }, sql) => sql`select from chat.moderated_messages(${rooms.group}, reason => 'A court asks')`,
  ),
  moderating(
    "set_room_lock",
    ({ rooms }, sql) =>
      sql`select chat.set_room_lock(${rooms.group}, true, 'Calm'), chat.set_room_lock(${rooms.group}, false)`,
    { room: ["room.updated", "room.updated"] },
  ),
  administering("set_limit", (_, sql) => sql`select from chat.set_limit('report')`),
  administering("set_retention", (_, sql) => sql`select from chat.set_retention('buckets', '2 days')`),
  administering("add_word_rule", (_, sql) => sql`select from chat.add_word_rule('never written')`),
  administering("remove_word_rule", (_, sql) =>
    sql`
      select chat.remove_word_rule(id) from chat.word_rule_list() where pattern = 'never written'`),
  administering("set_operator_role", ({ id }, sql) => sql`select chat.set_operator_role(${id("gone")})`),
  {
    entryPoints: ["insert conversations"],
    run: async (world) => world.made.conversation = await insert(world, "owner", "conversations", { title: "Talk" }),
  },
  {
    entryPoints: ["insert conversation_messages"],
    async run(world) {
      const { id } = world.made.conversation;
      expectOnly(await world.listen(`conversation:${id}`), "owner");
      await insert(world, "owner", "conversation_messages", { conversation_id: id, role: "user", content: "Hello" });
    },
    ...announced,
  },
  calling("owner", "add_conversation_message", reply, announced),
  calling("owner", "add_conversation_message", reply, again),
  refused("other", "add_conversation_message", reply, "conversation_not_found"),
  {
    entryPoints: ["stop_reply"],
    async run(world) {
      const [asked] = await world.sql`
        select id from chat.conversation_messages
        where conversation_id = ${world.made.conversation.id} and role = 'user'`;
      world.made.reply = await actingAs(world.sql, world.id("owner"), async (sql) => {
        const [begun] = await sql`
          select * from chat_private.begin_reply(${world.made.conversation.id}, ${asked!.id}, 'nobody')`;
        return begun!;
      });
      await world.call("owner", "stop_reply", { reply_id: Number(world.made.reply.id) });
      // The job that ends abandoned replies leaves it to running_reply().
      await world
        .sql`update chat.replies set lease_until = now() + interval '1 hour' where id = ${world.made.reply.id}`;
    },
  },
  refused("other", "stop_reply", ({ made }) => ({ reply_id: Number(made.reply.id) }), "reply_not_found"),
  // They take tokens of the caller, and announce nothing.
  ...["find_conversations", "find_rooms", "search_conversations", "search_messages", "search_page", "search_people"]
    .map((name) => calling("owner", name, () => ({ query: "Tea" }), {})),
  {
    // No worker writes it, so the next look ends it.
    entryPoints: ["running_reply"],
    async run(world) {
      await world.sql`
        update chat.replies set lease_until = now() - interval '1 second' where id = ${world.made.reply.id}`;
      expectNone(await world.call("owner", "running_reply", { conversation_id: world.made.conversation.id }));
    },
    conversation: { owner: ["reply.done"] },
  },
  {
    entryPoints: ["update conversations.title", "update conversations.archived", "update conversations.metadata"],
    run: (world) =>
      update(world, "owner", "conversations", { title: "T", archived: true, metadata: { a: 1 } }, conversation(world)),
  },
  {
    entryPoints: ["delete conversations"],
    run: (world) => remove(world, "owner", "conversations", conversation(world)),
    silent: (world) => world.of("owner").forEach(({ replica }) => replica.log.clear()),
  },
  {
    entryPoints: ["insert posts"],
    run: async (world) => world.made.post = await insert(world, "owner", "posts", { title: "News", content: "None" }),
  },
  calling("owner", "create_post", () => ({ title: "More", content: "News" }), {}),
  {
    entryPoints: ["update posts.title", "update posts.content"],
    run: (world) => update(world, "owner", "posts", { title: "Old", content: "Some" }, { id: world.made.post.id }),
  },
  { entryPoints: ["delete posts"], run: (world) => remove(world, "owner", "posts", { id: world.made.post.id }) },
  {
    entryPoints: ["username", "first_name", "last_name", "bio", "avatar_url", "show_email"].map((name) =>
      `update profiles.${name}`
    ),
    run: (world) =>
      update(world, "member", "profiles", {
        username: `renamed-${crypto.randomUUID().slice(0, 8)}`,
        first_name: "A",
        last_name: "B",
        bio: "C",
        avatar_url: "/d.png",
        show_email: false,
      }, { id: world.id("member") }),
    room: ["member.updated"],
  },
  {
    // Who may write first, and who finds a person or sees their status, is not announced.
    entryPoints: ["update profiles.direct_from", "update profiles.found_by", "update profiles.status_seen_by"],
    async run(world) {
      for (const who of ["nobody", "everyone"]) {
        const change = { direct_from: who, found_by: who, status_seen_by: who === "nobody" ? "contacts" : who };
        await update(world, "member", "profiles", change, { id: world.id("member") });
      }
    },
  },
  {
    // Whether marks are shared is not announced.
    entryPoints: ["update profiles.share_receipts"],
    async run(world) {
      for (const isShared of [false, true]) {
        await update(world, "member", "profiles", { share_receipts: isShared }, { id: world.id("member") });
      }
    },
  },
];

function expectOnly(listeners: Set<string>, name: string): void {
  if ([...listeners].join() !== name) throw new Error(`These may listen: ${[...listeners]}.`);
}

function expectNone(rows: unknown): void {
  if ((rows as unknown[]).length > 0) throw new Error("There is a reply that is being written.");
}
