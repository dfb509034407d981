import { conversation, question, runningReply, type TableProbe, user } from "./probe.ts";

const anywhere = { "": {} };

/** The rows of a person, told by the column that names them. */
const rowsBy = (column: string) => ({
  "of their own": `${column} = :me`,
  "of another's": `${column} = ${user("other")}`,
});

/** The tables of what a person has alone. */
export const personProbes: Record<string, TableProbe> = {
  profiles: {
    rows: rowsBy("id"),
    inserts: anywhere,
    required: ["id", "username"],
    values: {
      id: user("blank"),
      number: "1000000000",
      username: "'somebody-new'",
      first_name: "'A'",
      last_name: "'B'",
      bio: "'C'",
      avatar_url: "'/d'",
      show_email: "false",
      share_receipts: "false",
      created_at: "now()",
      direct_from: "'nobody'",
    },
  },
  user_status: {
    rows: { ...rowsBy("user_id"), "of who has blocked them": `user_id = ${user("blocker")}` },
    inserts: anywhere,
    required: ["user_id"],
    values: { user_id: user("friend"), last_seen_at: "now()", signed_out_at: "now()", announced_online: "true" },
  },
  blocks: {
    rows: { ...rowsBy("user_id"), "of who has blocked them": `user_id = ${user("blocker")}` },
    inserts: anywhere,
    required: ["user_id", "blocked_id"],
    values: { user_id: user("member"), blocked_id: user("friend"), created_at: "now()" },
  },
  friendships: {
    rows: rowsBy("user_id"),
    inserts: anywhere,
    required: ["friend_id"],
    service: { user_id: user("member") },
    values: { user_id: user("member"), friend_id: user("friend"), created_at: "now()" },
  },
  posts: {
    rows: rowsBy("author_id"),
    inserts: anywhere,
    required: ["title", "content"],
    service: { author_id: user("member") },
    values: {
      id: "1000000000",
      author_id: user("member"),
      title: "'A'",
      content: "'B'",
      client_id: "gen_random_uuid()",
      created_at: "now()",
    },
  },
  conversations: {
    rows: rowsBy("owner_id"),
    inserts: anywhere,
    required: ["title"],
    service: { owner_id: user("member") },
    values: {
      id: "gen_random_uuid()",
      owner_id: user("member"),
      title: "'A'",
      titled: "true",
      archived: "true",
      metadata: "'{}'",
      created_at: "now()",
      updated_at: "now()",
      deleted_at: "now()",
    },
    together: { deleted_at: { owner_id: "null" } },
  },
  conversation_messages: {
    rows: {
      "of their own conversation": `conversation_id = ${conversation(":name")}`,
      "of another's conversation": `conversation_id = ${conversation("other")}`,
    },
    inserts: {
      "in their own conversation": { conversation_id: conversation(":name") },
      "in another's conversation": { conversation_id: conversation("other") },
    },
    required: ["conversation_id", "role", "content"],
    values: {
      id: "1000000000",
      role: "'user'",
      content: "'A'",
      metadata: "'{}'",
      reply_to_id: "null",
      client_id: "gen_random_uuid()",
      created_at: "now()",
    },
  },
  replies: {
    rows: rowsBy("owner_id"),
    inserts: anywhere,
    required: ["conversation_id", "owner_id", "question_id", "state", "ended_at"],
    values: {
      id: "1000000000",
      conversation_id: conversation("member"),
      owner_id: user("member"),
      question_id: question("member"),
      message_id: question("member"),
      client_id: "gen_random_uuid()",
      state: "'complete'",
      reason: "'length'",
      responder: "'A'",
      base: "1",
      usage: "'{}'",
      lease_until: "now()",
      stop_requested_at: "now()",
      created_at: "now()",
      ended_at: "now()",
    },
  },
  reply_chunks: {
    rows: rowsBy("owner_id"),
    inserts: anywhere,
    required: ["reply_id", "index", "owner_id", "chars_before", "text"],
    values: {
      reply_id: runningReply("member"),
      index: "1",
      owner_id: user("member"),
      chars_before: "3",
      text: "'A'",
    },
  },
};
