/** The kinds of old backends: the names of their documents. */
export const KINDS = ["messenger", "mini-chat", "social", "conversations", "chat-sessions"] as const;
export type Kind = typeof KINDS[number];

/** The models that a backend may have. */
export type ModelName =
  | "person"
  | "profile"
  | "address"
  | "google"
  | "friend"
  | "post"
  | "room"
  | "member"
  | "message"
  | "mark"
  | "status"
  | "pin"
  | "conversation"
  | "turn"
  | "exchange"
  | "endedToken";

/** The models that columns refer to, by what they are. People may also be meant by their profiles. */
export const TARGETS: Partial<Record<string, ModelName>> = {
  person: "person",
  sender: "person",
  receiver: "person",
  author: "person",
  owner: "person",
  friend: "person",
  room: "room",
  conversation: "conversation",
  message: "message",
};

/** How a table is recognised. Names of columns stand for `name` and `name_id`. */
export interface Model {
  /** What the rows are, for people. */
  title: string;
  /** The names that each column may have, the likeliest first. */
  columns: Record<string, string[]>;
  /** The columns that it has, each group with at least one of its columns. */
  needs: string[][];
  /** Names of columns that say that it is something else. */
  never?: string[];
  /** What the name of the table or of a column says, if only that tells it from something else. */
  named?: RegExp;
  /** Without it there is nothing to import. */
  isRequired?: boolean;
}

const TIMES = [
  ...["created_at", "timestamp", "sent_at", "created", "date", "created_on"],
  ...["date_created", "created_date", "create_date", "creation_date", "created_time", "time_created", "create_at"],
  "time_create",
  ...[
    "sent",
    "date_sent",
    "sent_date",
    "send_date",
    "sent_on",
    "added_at",
    "date_added",
    "datetime",
    "date_time",
    "time",
  ],
  ...["pub_date", "posted_at", "date_posted"],
];
const PERSON = ["user", "member", "participant", "person", "author", "owner"];
const ROOM = [
  "room",
  "chat",
  "chatroom",
  "chat_room",
  "conversation",
  "dialog",
  "thread",
  "group",
  "chat_group",
  "channel",
  ...["session", "chat_session", "private_chat", "direct_chat", "chat_thread", "community"],
];
const TEXT = [
  ...["text", "content", "body", "message"],
  ...["message_text", "message_content", "message_body", "msg", "value", "contents"],
];
const PICTURE = [
  "image",
  "avatar",
  "photo",
  "picture",
  "icon",
  "profile_image",
  "profile_pic",
  "profile_picture",
  "profileimg",
  ...["profile_img", "profile_photo", "avatar_image", "avatar_url", "picture_url"],
];

const person: Model = {
  title: "people",
  columns: {
    id: ["id"],
    password: ["password"],
    last_login: ["last_login"],
    username: ["username", "login", "nickname"],
    email: ["email"],
    first_name: ["first_name"],
    last_name: ["last_name"],
    date_joined: ["date_joined", "created_at", "joined_at"],
    is_active: ["is_active"],
    is_staff: ["is_staff"],
    is_superuser: ["is_superuser"],
    bio: ["bio", "about"],
    image: PICTURE,
    last_seen: ["last_seen", "last_activity"],
  },
  needs: [["id"], ["password"], ["last_login"], ["username", "email"]],
  isRequired: true,
};

const profile: Model = {
  title: "profiles",
  columns: {
    id: ["id"],
    person: ["user", "owner"],
    bio: ["bio", "about"],
    image: PICTURE,
    last_seen: ["last_seen", "last_activity", "last_online"],
  },
  needs: [["person"], ["bio", "image", "last_seen"]],
  never: [...ROOM, "text", "content", "title", "role"],
};

const address: Model = {
  title: "addresses of allauth",
  columns: { person: ["user"], email: ["email"], verified: ["verified"], primary: ["primary"] },
  needs: [["person"], ["email"], ["verified"], ["primary"]],
};

const google: Model = {
  title: "sign-ins with Google",
  columns: { person: ["user"], provider: ["provider"], uid: ["uid"], extra: ["extra_data"] },
  needs: [["person"], ["provider"], ["uid"], ["extra"]],
};

const endedToken: Model = {
  title: "refresh tokens that were ended",
  columns: { token: ["token"], at: ["blacklisted_at"] },
  needs: [["token"], ["at"]],
};

const friend: Model = {
  title: "friendships",
  columns: {
    owner: [
      "profile",
      "userprofile",
      "from_profile",
      "from_userprofile",
      "from_user",
      "from_customuser",
      "user_from",
      "user",
    ],
    friend: ["friend", "friends", "to_profile", "to_userprofile", "to_user", "to_customuser", "user_to", "user"],
    // One that only one of the two wants is none.
    state: ["status", "state", "is_accepted", "accepted"],
  },
  needs: [["owner"], ["friend"]],
  never: [
    ...ROOM,
    "permission",
    "message",
    "text",
    "content",
    "title",
    "post",
    "last_seen",
    "image",
    "pending",
    "is_pending",
  ],
};

const post: Model = {
  title: "posts",
  columns: {
    id: ["id"],
    author: ["author", "user", "profile", "owner"],
    title: ["title"],
    content: ["content", "text", "body"],
    created_at: TIMES,
  },
  needs: [["id"], ["author"], ["title"], ["content"]],
  never: [...ROOM, "role"],
};

const room: Model = {
  title: "rooms",
  columns: {
    id: ["id"],
    type: ["type", "chat_type", "room_type", "kind"],
    is_group: ["is_group", "is_group_chat"],
    is_private: ["is_private"],
    name: ["name", "title", "topic", "subject", "group_name", "room_name", "chat_name", "names", "label"],
    description: ["description"],
    owner: ["created_by", "creator", "owner", "admin", "host", "founder"],
    created_at: TIMES,
  },
  needs: [["id"]],
  never: ["text", "content", "message", "is_read", "password", "app_label", "codename", "domain"],
  isRequired: true,
};

const member: Model = {
  title: "members",
  columns: {
    id: ["id"],
    room: ROOM,
    person: [...PERSON, "members", "participants", "users"],
    role: ["role"],
    is_admin: ["is_admin"],
    joined_at: ["joined_at", "date_joined", ...TIMES],
  },
  needs: [["room"], ["person"]],
  never: ["text", "content", "message", "is_read", "title", "name", "pinned_by", "delivered"],
  isRequired: true,
};

const message: Model = {
  title: "messages",
  columns: {
    id: ["id"],
    room: ROOM,
    sender: ["sender", "user", "author", "from_user", "sent_by", "owner", "created_by", "writer"],
    receiver: ["receiver", "recipient", "to_user", "reciever", "sent_to", "received_by"],
    text: TEXT,
    forwarded: ["forwarded_from", "forward_from", "forwarded_message"],
    reply: ["reply_to", "parent", "replied_to"],
    is_edited: ["is_edited", "edited"],
    edited_at: ["edited_at", "updated_at"],
    is_deleted: ["is_deleted", "deleted"],
    deleted_at: ["deleted_at"],
    is_read: ["is_read", "read", "is_seen", "seen"],
    created_at: TIMES,
  },
  needs: [["id"], ["room", "receiver"], ["sender"], ["text"]],
  never: ["pinned_by", "role", "response", "title", "notification_type"],
  isRequired: true,
};

const mark: Model = {
  title: "read marks",
  columns: {
    room: ROOM,
    person: PERSON,
    message: ["last_read_message", "last_message", "last_read"],
  },
  needs: [["room"], ["person"], ["message"]],
  never: ["text", "content", "name"],
  // A file of a message has the same columns.
  named: /read|last|seen/i,
};

const status: Model = {
  title: "states of messages",
  columns: {
    message: ["message"],
    person: PERSON,
    delivered: ["delivered", "is_delivered"],
    read: ["read", "is_read", "seen", "is_seen", "read_at", "seen_at"],
  },
  needs: [["message"], ["person"], ["delivered", "read"]],
  never: ["text", "content", ...ROOM],
};

const pin: Model = {
  title: "pinned messages",
  columns: {
    id: ["id"],
    message: ["message"],
    person: ["pinned_by", "user"],
    pinned_at: ["pinned_at", ...TIMES],
  },
  needs: [["id"], ["message"], ["person"], ["pinned_at"]],
  never: ["text", "content", "delivered", "read", "is_read", "response"],
  // A like has the same columns.
  named: /pin/i,
};

const conversation: Model = {
  title: "conversations",
  columns: {
    id: ["id"],
    owner: ["user", "owner", "author", "created_by"],
    title: ["title", "name", "conversation_title", "session_title", "chat_title"],
    archived: ["archived", "is_archived"],
    created_at: TIMES,
    updated_at: ["updated_at", "modified_at"],
  },
  needs: [["id"], ["owner"]],
  never: ["content", "text", "message", "role", "password"],
  isRequired: true,
};

const turn: Model = {
  title: "messages",
  columns: {
    id: ["id"],
    conversation: ["conversation", "session", "chat", "thread", "chat_session"],
    role: ["role", "message_role", "sender_type", "is_user", "from_user", "is_bot", "is_ai", "from_bot", "is_from_bot"],
    content: ["content", "text", "body", "message", "message_content", "message_text"],
    metadata: ["metadata", "meta", "extra"],
    created_at: TIMES,
  },
  needs: [["id"], ["conversation"], ["role"], ["content"]],
  isRequired: true,
};

const exchange: Model = {
  title: "questions and answers",
  columns: {
    id: ["id"],
    conversation: ["session", "chat_session", "conversation", "chat", "talk", "thread"],
    owner: ["user", "owner", "author"],
    message: ["message", "question", "prompt", "user_message", "user_input", "user_prompt", "query"],
    response: ["response", "answer", "reply", "bot_response", "ai_response", "chatbot_response", "bot_reply"],
    created_at: TIMES,
  },
  needs: [["id"], ["conversation", "owner"], ["message"], ["response"]],
  isRequired: true,
};

/** The models of each kind of backend. */
export const MODELS: Record<Kind, Partial<Record<ModelName, Model>>> = {
  "messenger": { person, profile, address, google, endedToken, message, room, member, mark, status, pin },
  "mini-chat": { person, profile, address, google, endedToken, message, room, member },
  "social": { person, profile, address, google, endedToken, friend, post, message, room, member },
  "conversations": { person, profile, address, google, endedToken, turn, conversation },
  "chat-sessions": { person, profile, address, google, endedToken, exchange, conversation },
};
