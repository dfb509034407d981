import { message, rooms, type TableProbe, user } from "./probe.ts";

const anywhere = { "": {} };

/** The tables of what people have together. */
export const roomProbes: Record<string, TableProbe> = {
  rooms: {
    rows: {
      "of the private group": `id = ${rooms.private}`,
      "of a public group": `id = ${rooms.public}`,
      "of the direct room": `id = ${rooms.direct}`,
    },
    inserts: anywhere,
    required: ["kind", "name"],
    values: {
      id: "1000000000",
      kind: "'group'",
      slug: "'matrix.new'",
      name: "'A'",
      description: "'B'",
      is_public: "true",
      created_by: user("member"),
      direct_key: "'a:b'",
      last_seq: "7",
      version: "7",
      last_message_id: "7",
      last_message_at: "now()",
      member_count: "7",
      members_version: "7",
      epoch: "7",
      topic: "'room:7'",
      created_at: "now()",
    },
    together: { direct_key: { kind: "'direct'" } },
  },
  room_members: {
    rows: {
      "of their own": `room_id = ${rooms.private} and user_id = :me`,
      "of another's": `room_id = ${rooms.private} and user_id = ${user("other")}`,
      "of a public group": `room_id = ${rooms.public}`,
    },
    inserts: { "in the private group": { room_id: rooms.private }, "in a public group": { room_id: rooms.public } },
    required: ["room_id", "user_id"],
    values: {
      user_id: user("stranger"),
      role: "'member'",
      joined_at: "now()",
      last_read_seq: "1",
      last_delivered_seq: "1",
      own_after_read: "1",
      archived_at: "now()",
      muted_until: "now()",
    },
  },
  messages: {
    rows: {
      "of their own": `room_id = ${rooms.private} and sender_id = :me`,
      "of another's": `id = ${message("By other")}`,
      "of a public group": `room_id = ${rooms.public}`,
      "of the direct room": `room_id = ${rooms.direct}`,
    },
    inserts: {
      "in the private group": { room_id: rooms.private, reply_to_id: message("By other") },
      "in a public group": { room_id: rooms.public, reply_to_id: message("Public") },
      "in the direct room": { room_id: rooms.direct, reply_to_id: message("Direct") },
    },
    required: ["room_id", "content"],
    values: {
      id: "1000000000",
      seq: "1000",
      version: "1000",
      sender_id: user("other"),
      content: "'Hello'",
      metadata: "'{}'",
      forwarded_from_id: "null",
      forwarded_sender_id: user("other"),
      forwarded_username: "'somebody'",
      forwarded_content: "'Something'",
      client_id: "gen_random_uuid()",
      created_at: "now()",
      edited_at: "now()",
      deleted_at: "now()",
      search: "'hello'",
    },
    together: { seq: { version: "1000" }, deleted_at: { content: "''" } },
  },
  pins: {
    rows: {
      "of the private group": `room_id = ${rooms.private}`,
      "of a public group": `room_id = ${rooms.public}`,
      "of the direct room": `room_id = ${rooms.direct}`,
    },
    inserts: {
      "in the private group": { message_id: message("By owner"), room_id: rooms.private },
      "in a public group": { message_id: message("Public, not pinned"), room_id: rooms.public },
      "in the direct room": { message_id: message("Direct, not pinned"), room_id: rooms.direct },
    },
    required: ["message_id"],
    service: { pinned_by: user("other") },
    values: { id: "1000000000", pinned_by: user("other"), pinned_at: "now()" },
  },
  room_changes: {
    rows: { "of the private group": `room_id = ${rooms.private}`, "of a public group": `room_id = ${rooms.public}` },
    inserts: { "": { room_id: rooms.private } },
    required: ["room_id", "version", "event", "payload"],
    values: { version: "1000", event: "'event'", payload: "'{}'", created_at: "now()" },
  },
};
