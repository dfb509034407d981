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
const told = { conversation: { owner: ["message.created"] } };
const friend = (world: World) => ({ friend_id: world.id("other") });

export const personActions: Action[] = [
  calling("member", "touch_status", () => ({}), status),
  calling("member", "touch_status", () => ({}), again),
  calling("member", "touch_status", () => ({ signed_out: true }), { how: "signed out", ...status }),
  {
    doors: ["insert friendships"],
    run: (world) => insert(world, "owner", "friendships", friend(world)),
    people: { other: ["friend.added"] },
  },
  {
    doors: ["delete friendships"],
    run: (world) => remove(world, "owner", "friendships", friend(world)),
    untold: (world) => world.of("other").forEach(({ replica }) => replica.friends.delete(world.id("owner"))),
  },
  {
    doors: ["insert conversations"],
    run: async (world) => world.made.conversation = await insert(world, "owner", "conversations", { title: "Talk" }),
  },
  {
    doors: ["insert conversation_messages"],
    async run(world) {
      const { id } = world.made.conversation;
      expectOnly(await world.listen(`conversation:${id}`), "owner");
      await insert(world, "owner", "conversation_messages", { conversation_id: id, role: "user", content: "Hello" });
    },
    ...told,
  },
  calling("owner", "add_conversation_message", reply, told),
  calling("owner", "add_conversation_message", reply, again),
  refused("other", "add_conversation_message", reply, "conversation_not_found"),
  {
    doors: ["update conversations.title", "update conversations.archived", "update conversations.metadata"],
    run: (world) =>
      update(world, "owner", "conversations", { title: "T", archived: true, metadata: { a: 1 } }, conversation(world)),
  },
  {
    doors: ["delete conversations"],
    run: (world) => remove(world, "owner", "conversations", conversation(world)),
    untold: (world) => world.of("owner").forEach(({ replica }) => replica.log.clear()),
  },
  {
    doors: ["insert posts"],
    run: async (world) => world.made.post = await insert(world, "owner", "posts", { title: "News", content: "None" }),
  },
  calling("owner", "create_post", () => ({ title: "More", content: "News" }), {}),
  {
    doors: ["update posts.title", "update posts.content"],
    run: (world) => update(world, "owner", "posts", { title: "Old", content: "Some" }, { id: world.made.post.id }),
  },
  { doors: ["delete posts"], run: (world) => remove(world, "owner", "posts", { id: world.made.post.id }) },
  {
    doors: ["username", "first_name", "last_name", "bio", "avatar_url", "show_email"].map((name) =>
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
    // Whether marks are shown is told to nobody.
    doors: ["update profiles.share_receipts"],
    async run(world) {
      for (const share_receipts of [false, true]) {
        await update(world, "member", "profiles", { share_receipts }, { id: world.id("member") });
      }
    },
  },
];

function expectOnly(listeners: Set<string>, name: string): void {
  if ([...listeners].join() !== name) throw new Error(`These may listen: ${[...listeners]}.`);
}
