import type { Row } from "../replica.ts";
import type { Name, World } from "../world.ts";
import { type Action, again, calling, ofGroup, own, refused, remove, update } from "./action.ts";

const left = ["member.left", "room.moved"];
const deleted = ["room.deleted"];
const updated = { room: ["room.updated"] };
const group = ({ rooms }: World) => ({ id: rooms.group });
const added = (...names: Name[]) => ({ people: Object.fromEntries(names.map((name) => [name, ["room.added"]])) });
const removed = (...names: Name[]) => ({ people: Object.fromEntries(names.map((name) => [name, ["room.removed"]])) });
const ids = (world: World, ...names: Name[]) => names.map(world.id);
const invite = (how: string) =>
  calling("owner", "add_members", (world) => ({ ...ofGroup(world), user_ids: ids(world, "other") }), {
    how,
    people: { other: ["invitation.added"] },
  });
/** The owner and the member, who is an admin by then, receive it too. */
const asked = (event: string) => ({ people: { owner: [event], member: [event], other: [event] } });
const ask = (how: string) =>
  calling("other", "request_to_join", (world) => ({ ...ofGroup(world), note: "Please" }), {
    how,
    ...asked("join_request.added"),
  });
const answered = asked("join_request.removed");
const uninvited = { people: { other: ["invitation.removed"] } };
const setRole = (by: Name, name: Name, role: string, room: string[]) =>
  calling(by, "set_member_role", (world) => ({ ...own(world, name), role, confirmed: true }), { room });
const changeRoom = (column: string, row: Row): Action => ({
  entryPoints: [`update rooms.${column}`],
  run: (world) => update(world, "owner", "rooms", row, group(world)),
  ...updated,
});

/** The group returns from them without its first owner. */
export const roomActions: Action[] = [
  calling("owner", "update_room", (world) => ({ ...ofGroup(world), description: "new", is_public: true }), updated),
  calling("owner", "update_room", (world) => ({ ...ofGroup(world), description: "new" }), again),
  changeRoom("name", { name: "Renamed" }),
  changeRoom("description", { description: "" }),
  changeRoom("avatar_url", { avatar_url: "/group.png" }),
  changeRoom("slow_mode_seconds", { slow_mode_seconds: 30 }),
  changeRoom("slow_mode_seconds", { slow_mode_seconds: 0 }),
  changeRoom("posting", { posting: "admins" }),
  changeRoom("inviting", { inviting: "everyone" }),
  changeRoom("pinning", { pinning: "admins" }),
  changeRoom("locked_at", { locked_at: "2001-01-01T00:00:00Z" }),
  changeRoom("locked_reason", { locked_reason: "Until Monday." }),
  changeRoom("locked_at", { locked_at: null }),
  { ...changeRoom("is_public", { is_public: false }), room: ["room.updated", "room.moved"] },
  calling("owner", "update_room", (world) => ({ ...ofGroup(world), is_public: true }), updated),
  setRole("owner", "member", "admin", ["member.updated"]),
  setRole("owner", "member", "owner", ["member.updated", "member.updated"]),
  setRole("member", "owner", "owner", ["member.updated", "member.updated"]),
  calling("member", "remove_member", (world) => own(world, "other"), { room: left, ...removed("other") }),
  calling("owner", "send_message", (world) => ({ ...ofGroup(world), content: "among us" }), {
    room: ["message.created"],
  }),
  { ...changeRoom("joining", { joining: "request" }), room: ["room.updated", "room.moved"] },
  ask("to be declined"),
  calling("other", "request_to_join", ofGroup, again),
  calling("owner", "decline_join_request", (world) => own(world, "other"), answered),
  ask("to be taken back"),
  calling("other", "withdraw_join_request", ofGroup, answered),
  ask("to be accepted"),
  calling("owner", "accept_join_request", (world) => own(world, "other"), {
    room: ["member.joined"],
    people: { ...answered.people, other: ["join_request.removed", "room.added"] },
  }),
  calling("other", "leave_room", ofGroup, { how: "let in by an admin", room: left, ...removed("other") }),
  changeRoom("joining", { joining: "open" }),
  calling("other", "join_room", ofGroup, { room: ["member.joined"], ...added("other") }),
  calling("other", "join_room", ofGroup, again),
  calling("owner", "ban_member", (world) => own(world, "other"), {
    room: left,
    people: { other: ["notice.added", "room.removed"] },
  }),
  calling("owner", "ban_member", (world) => own(world, "other"), again),
  {
    entryPoints: ["update notices.read_at"],
    run: (world) => update(world, "other", "notices", { read_at: new Date().toISOString() }, { kind: "room_ban" }),
  },
  refused("other", "join_room", ofGroup, "banned"),
  calling("owner", "unban_member", (world) => own(world, "other"), {}),
  calling("owner", "unban_member", (world) => own(world, "other"), again),
  calling("other", "join_room", ofGroup, { how: "after a ban", room: ["member.joined"], ...added("other") }),
  // Leaving a public group moves no one: public_groups.test.ts.
  calling("owner", "update_room", (world) => ({ ...ofGroup(world), is_public: false }), {
    room: ["room.updated", "room.moved"],
  }),
  calling("other", "leave_room", ofGroup, { room: left, ...removed("other") }),
  calling("owner", "add_members", (world) => ({ ...ofGroup(world), user_ids: ids(world, "other", "gone") }), {
    room: ["member.joined", "member.joined"],
    ...added("other", "gone"),
  }),
  calling("other", "remove_member", (world) => own(world, "other"), { room: left, ...removed("other") }),
  // Links announce nothing, and who joins by one is announced as ever.
  calling("owner", "create_invite_link", ofGroup, {}, "link"),
  calling("other", "join_by_link", ({ made }) => ({ token: made.link.token }), {
    room: ["member.joined"],
    ...added("other"),
  }),
  calling("other", "join_by_link", ({ made }) => ({ token: made.link.token }), again),
  calling("owner", "revoke_invite_link", ({ made }) => ({ link_id: made.link.id }), {}),
  refused("stranger", "join_by_link", ({ made }) => ({ token: made.link.token }), "invite_not_found"),
  calling("other", "leave_room", ofGroup, { how: "joined by a link", room: left, ...removed("other") }),
  {
    entryPoints: ["update profiles.added_by"],
    run: (world) => update(world, "other", "profiles", { added_by: "nobody" }, { id: world.id("other") }),
  },
  invite("to be declined"),
  calling("other", "decline_invitation", ofGroup, uninvited),
  calling("other", "decline_invitation", ofGroup, again),
  invite("to be withdrawn"),
  calling("owner", "withdraw_invitation", (world) => own(world, "other"), uninvited),
  invite("to be ignored"),
  calling("other", "ignore_invitation", ofGroup, uninvited),
  calling("other", "ignore_invitation", ofGroup, again),
  calling("other", "accept_invitation", ofGroup, { room: ["member.joined"], ...added("other") }),
  calling("other", "leave_room", ofGroup, { how: "joined by an invitation", room: left, ...removed("other") }),
  {
    entryPoints: ["update profiles.added_by"],
    how: "everyone again",
    run: (world) => update(world, "other", "profiles", { added_by: "everyone" }, { id: world.id("other") }),
  },
  // Sent on the topic that the others have not joined yet.
  calling("owner", "leave_room", ofGroup, { room: left, synced: ["member.updated"], ...removed("owner") }),
  calling("member", "delete_room", ofGroup, { room: deleted, ...removed("member", "gone") }),
  calling("owner", "create_group_room", (world) => ({ name: "New", member_ids: ids(world, "member") }), {
    ...added("owner", "member"),
  }, "group"),
  calling("owner", "send_message", ({ made }) => ({ room_id: made.group.id, content: "first" }), {
    scene: "group",
    room: ["message.created"],
  }),
  {
    entryPoints: ["delete rooms"],
    run: (world) => remove(world, "owner", "rooms", group(world)),
    room: deleted,
    ...removed("owner", "member"),
  },
  calling("owner", "create_direct_room", (world) => ({ user_id: world.id("stranger") }), {
    ...added("owner", "stranger"),
  }, "direct"),
  calling("stranger", "create_direct_room", (world) => ({ user_id: world.id("owner") }), again),
  calling("stranger", "send_message", ({ rooms }) => ({ room_id: rooms.direct, content: "to you" }), {
    scene: "direct",
    room: ["message.created"],
  }),
  calling("stranger", "delete_room", ({ rooms }) => ({ room_id: rooms.direct }), {
    scene: "direct",
    room: deleted,
    ...removed("owner", "stranger"),
  }),
];
