import { describe, expect, test } from "vitest";
import type { Kind } from "../../scripts/import/django/models.ts";
import { recognise } from "../../scripts/import/django/recognise.ts";

/** A table as a database shows it: `user>auth_user` refers to that table, and the first column is the key. */
function table(definition: string) {
  const [name = "", ...parts] = definition.split(/[ ,]+/);
  const [columns, references]: [string[], Record<string, string>] = [[], {}];
  for (const part of parts) {
    const [column = "", target] = part.split(">");
    columns.push(column);
    if (target) references[column] = target;
  }
  return { name, columns, references, key: columns[0], isEmpty: false };
}

const USER = "auth_user id, password, last_login, username, email, date_joined";
const CHAT = "chat_room id, name";
const MESSAGE = "chat_message id, content, room_id>chat_room, user_id>auth_user, timestamp";

function recognised(kind: Kind, ...definitions: string[]) {
  const { models } = recognise(kind, definitions.map(table), { tables: {}, columns: {} });
  return models;
}

describe("the models of public projects", () => {
  test("members are those whom a table names, whatever it says of what they have read", () => {
    const members =
      "chat_membership id, role, joined_at, room_id>chat_room, last_read_message_id>chat_message, user_id>auth_user";
    const reads = "chat_messageread id, read_at, message_id>chat_message, user_id>auth_user";
    const models = recognised("messenger", USER, CHAT, MESSAGE, members, reads);
    expect(models.member).toMatchObject({
      table: "chat_membership",
      columns: { role: "role", person: "user_id" },
      unused: [],
    });
    expect(models.mark).toMatchObject({ table: "chat_membership", columns: { message: "last_read_message_id" } });
    expect(models.status).toMatchObject({ table: "chat_messageread", columns: { read: "read_at" } });
  });

  test("a table of marks alone does not say who is a member, and nor does one of files", () => {
    const marks = "chat_state id, room_id>chat_room, user_id>auth_user, last_read_message_id>chat_message";
    const files = "chat_attachment id, room_id>chat_room, user_id>auth_user, message_id>chat_message, image";
    const models = recognised("messenger", USER, CHAT, MESSAGE, marks, files);
    expect(models.member?.table).toBe("chat_message: those who have written");
    expect(models.mark?.table).toBe("chat_state");
  });

  test.each([
    ["by name", "chat_room id, user1_id>auth_user, user2_id>auth_user"],
    ["by what they refer to", "chat_room id, buyer_id>auth_user, helper_id>auth_user"],
  ])("the two of a private chat may be columns of the room, known %s", (_, room) => {
    const { room: found, member } = recognised("mini-chat", USER, room, MESSAGE);
    expect(found).toMatchObject({ isDirect: true });
    expect(member?.rows).toMatch(/ union /);
  });

  test("who has made and who has changed a room are not its two members", () => {
    const models = recognised(
      "messenger",
      USER,
      "chat_room id, creator_id>auth_user, updated_by_id>auth_user",
      MESSAGE,
    );
    expect(models.room?.isDirect).toBeUndefined();
    expect(models.member?.table).toBe("chat_message: those who have written");
  });

  test("a room with members is not private because it names two people", () => {
    const room = "chat_room id, name, buyer_id>auth_user, helper_id>auth_user";
    const models = recognised(
      "mini-chat",
      USER,
      room,
      MESSAGE,
      "chat_room_members id, room_id>chat_room, user_id>auth_user",
    );
    expect(models.room?.isDirect).toBeUndefined();
  });

  test("a table of messages is preferred to posts of a group, and a like is no pin", () => {
    const posts = "chat_post id, content, text, room_id>chat_room, user_id>auth_user";
    const likes = "chat_like id, message_id>chat_message, user_id>auth_user, created_at";
    const models = recognised("messenger", USER, CHAT, MESSAGE, posts, likes);
    expect([models.message?.table, models.pin]).toEqual(["chat_message", undefined]);
    const pins = "chat_pinnedmessage id, message_id>chat_message, user_id>auth_user, created_at";
    expect(recognised("messenger", USER, CHAT, MESSAGE, pins).pin?.table).toBe("chat_pinnedmessage");
  });

  test("a table of members may be left out by the mapping", () => {
    const members = "chat_room_members id, room_id>chat_room, user_id>auth_user";
    const tables = [USER, CHAT, MESSAGE, members].map(table);
    const { models, unknown } = recognise("messenger", tables, { tables: { member: null }, columns: {} });
    expect([models.member?.table, unknown]).toEqual(["chat_message: those who have written", ["chat_room_members"]]);
  });

  test("friends are the two sides of a relation, whatever the model of people is called", () => {
    const friends = "social_advuser_friends id, from_advuser_id>auth_user, to_advuser_id>auth_user";
    expect(recognised("social", USER, CHAT, MESSAGE, friends).friend?.columns).toMatchObject({
      owner: "from_advuser_id",
      friend: "to_advuser_id",
    });
  });

  test("a key may have another name", () => {
    const user = "users_user user_id, password, last_login, email";
    const { person, message } = recognised(
      "messenger",
      user,
      "chat_conversation conversation_id, created_at",
      "chat_message message_id, message_body, sent_at, conversation_id>chat_conversation, sender_id>users_user",
      "chat_conversation_participants id, conversation_id>chat_conversation, user_id>users_user",
    );
    expect(person?.columns.id).toBe("user_id");
    expect(message?.columns).toMatchObject({ id: "message_id", room: "conversation_id", text: "message_body" });
  });

  test("of two tables that look alike, the one with rows is meant", () => {
    const other = { ...table(MESSAGE.replace("chat_message", "old_message")), isEmpty: true };
    const tables = [...[USER, CHAT, MESSAGE].map(table), other];
    expect(recognise("messenger", tables, { tables: {}, columns: {} }).models.message?.table).toBe("chat_message");
  });

  test("what is missing is named, with the table that comes next to it", () => {
    expect(() =>
      recognised("messenger", USER, "chat_message id, content, author_id>chat_person, room_id>chat_room", CHAT)
    )
      .toThrow(
        /^No table has the messages.* chat_message has all but what they lead to: it has columns of something else\.$/,
      );
    expect(() => recognised("conversations", USER, MESSAGE.replace("room_id", "chat_id"))).toThrow(
      / chat_message has all but role\.$/,
    );
  });
});
