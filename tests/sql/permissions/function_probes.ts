import { conversation, message, rooms, runningReply, user } from "./probe.ts";

type Calls = Record<string, string>;

/** The same call in each of the three rooms. */
const inRooms = (call: (room: string) => string): Calls => ({
  "in the private group": call(rooms.private),
  "in a public group": call(rooms.public),
  "in the direct room": call(rooms.direct),
});

/** The same call for each kind of message. */
const onMessages = (call: (id: string) => string): Calls => ({
  "on their own message": call(message("By :name")),
  "on another's message": call(message("By other")),
  "on a message of a public group": call(message("Public")),
  "on a message of the direct room": call(message("Direct")),
});

/** The same call in a group that is locked, and in one where only admins write and pin, and everyone adds people. */
const inSwitched = (call: (room: string) => string): Calls => ({
  "in a locked group": call(rooms.locked),
  "in a group for announcements": call(rooms.announcements),
});
const onSwitched = (call: (id: string) => string): Calls => ({
  "on a message of a locked group": call(message("In locked by :name")),
  "on a message of a group for announcements": call(message("In announcements by :name")),
});

/** The persona's own group, that nobody else is in. */
const HOME = "tests.room('Home of :name')";

/** A public group that lets people in who have asked, as each of them has done. */
const ASKED = "tests.room('The asked group')";

const profiles = (condition: string) => `profiles where chat.email(profiles) <> '' and ${condition}`;

/** How each function is called: after `select * from chat.`, by situation. */
export const functionProbes: Record<string, Calls> = {
  // What people are and do alone.
  email: {
    "for their own": profiles("id = :me"),
    "for who shows it": profiles(`id = ${user("friend")}`),
    "for who hides it": profiles(`id = ${user("other")}`),
  },
  username_available: { "": "username_available('somebody-new')" },
  is_online: { "": `user_status where user_id = ${user("other")} and chat.is_online(user_status)` },
  touch_status: { "": "touch_status()" },
  block_user: {
    "for another": `block_user(${user("friend")})`,
    "for who is blocked": `block_user(${user("foe")})`,
    "for themselves": "block_user(:me)",
    "for nobody": "block_user(gen_random_uuid())",
  },
  unblock_user: { "": `unblock_user(${user("foe")})` },
  delete_account: {
    "for their own": "delete_account('erase', true)",
    "for their own, not confirmed": "delete_account('erase')",
    "for another": `delete_account('keep', true, ${user("friend")})`,
  },
  export_page: {
    "for their own": "export_page()",
    "for another": `export_page(user_id => ${user("friend")})`,
  },
  version: { "": "version()" },
  create_post: { "": "create_post('Title', 'Content')" },
  add_conversation_message: {
    "in their own conversation": `add_conversation_message(${conversation(":name")}, 'user', 'Hello')`,
    "in another's conversation": `add_conversation_message(${conversation("other")}, 'user', 'Hello')`,
  },
  find_conversations: {
    "for their own": "find_conversations('about :name')",
    "for another's": "find_conversations('about other')",
  },
  search_conversations: {
    "in their own": `search_conversations(':name', ${conversation(":name")})`,
    "in another's": `search_conversations('other', ${conversation("other")})`,
  },
  running_reply: {
    "in their own conversation": `running_reply(${conversation(":name")})`,
    "in another's conversation": `running_reply(${conversation("other")})`,
  },
  stop_reply: {
    "on their own reply": `stop_reply(${runningReply(":name")})`,
    "on another's reply": `stop_reply(${runningReply("other")})`,
  },
  profiles: {
    "for the sender of a message": `messages cross join lateral chat.profiles(messages)
      where messages.id = ${message("By other")}`,
  },
  // Rooms.
  create_direct_room: {
    "with another": `create_direct_room(${user("friend")})`,
    "with themselves": "create_direct_room(:me)",
    "with nobody": "create_direct_room(gen_random_uuid())",
    "with whom they have blocked": `create_direct_room(${user("foe")})`,
    "with who has blocked them": `create_direct_room(${user("blocker")})`,
  },
  create_group_room: {
    "": `create_group_room('New', array[${user("friend")}])`,
    "with nobody": "create_group_room('New', array[gen_random_uuid()])",
    "with whom they have blocked": `create_group_room('New', array[${user("foe")}])`,
    "with who has blocked them": `create_group_room('New', array[${user("friend")}, ${user("blocker")}])`,
  },
  update_room: inRooms((room) => `update_room(${room}, description => 'New')`),
  delete_room: inRooms((room) => `delete_room(${room})`),
  room_list: inRooms((room) => `room_list(only_room_id => ${room})`),
  find_rooms: {
    "for the private group": "find_rooms('private group')",
    "for a public group": "find_rooms('public group')",
    "for the other of the direct room": "find_rooms('other')",
  },
  sync: inRooms((room) => `sync(${room})`),
  system_messages: inRooms((room) => `system_messages(${room})`),
  newest_system_messages: {
    "in the private group": `rooms where id = ${rooms.private} and chat.newest_system_messages(rooms) is not null`,
    "in a public group": `rooms where id = ${rooms.public} and chat.newest_system_messages(rooms) is not null`,
  },
  call_as: { "of another person": `call_as(${user("friend")}, 'version')` },
  send_system_message: inRooms((room) => `send_system_message(${room}, 'Hello')`),
  mark_read: inRooms((room) => `mark_read(${room}, 1)`),
  mark_delivered: inRooms((room) => `mark_delivered(${room}, 1)`),
  mark_delivered_many: { "": `mark_delivered_many(array[${rooms.private}], array[1])` },
  // Members.
  join_room: {
    ...inRooms((room) => `join_room(${room})`),
    "in a group that wants to be asked": `join_room(${ASKED})`,
  },
  leave_room: inRooms((room) => `leave_room(${room})`),
  add_members: {
    ...inRooms((room) => `add_members(${room}, array[${user("friend")}])`),
    ...inSwitched((room) => `add_members(${room}, array[${user("friend")}])`),
    "for who has blocked them": `add_members(${HOME}, array[${user("blocker")}])`,
    "for who is banned": `add_members(${rooms.private}, array[${user("banned")}])`,
  },
  create_invite_link: {
    ...inRooms((room) => `create_invite_link(${room})`),
    ...inSwitched((room) => `create_invite_link(${room})`),
    "for admins": `create_invite_link(${rooms.private}, 'admin')`,
  },
  invite_link_preview: {
    "of an open link": "invite_link_preview('open')",
    "of a revoked link": "invite_link_preview('revoked')",
  },
  join_by_link: { "by an open link": "join_by_link('open')", "by a revoked link": "join_by_link('revoked')" },
  accept_invitation: {
    "as somebody who is invited": "accept_invitation(tests.room('The inviting group'))",
    "to the private group": `accept_invitation(${rooms.private})`,
  },
  decline_invitation: { "": "decline_invitation(tests.room('The inviting group'))" },
  ignore_invitation: { "": "ignore_invitation(tests.room('The inviting group'))" },
  invitation_list: { "": "invitation_list()" },
  room_invitations: {
    "of the private group": `room_invitations(${rooms.private})`,
    "of a group for announcements": `room_invitations(${rooms.announcements})`,
  },
  withdraw_invitation: {
    "to the private group": `withdraw_invitation(${rooms.private}, ${user("guest")})`,
    "by a member": `withdraw_invitation(${rooms.announcements}, ${user("guest")})`,
  },
  request_to_join: {
    "in a group that wants to be asked": `request_to_join(${ASKED})`,
    "in a public group": `request_to_join(${rooms.public})`,
    "in the private group": `request_to_join(${rooms.private})`,
  },
  withdraw_join_request: { "": `withdraw_join_request(${ASKED})` },
  accept_join_request: {
    "in the private group": `accept_join_request(${rooms.private}, ${user("guest")})`,
    "of their own": `accept_join_request(${ASKED}, :me)`,
  },
  decline_join_request: {
    "in the private group": `decline_join_request(${rooms.private}, ${user("guest")})`,
    "of their own": `decline_join_request(${ASKED}, :me)`,
  },
  revoke_invite_link: { "": "revoke_invite_link(pg_temp.invite_link())" },
  remove_member: {
    ...inRooms((room) => `remove_member(${room}, ${user("other")})`),
    "for themselves": `remove_member(${rooms.private}, :me)`,
    "for another admin": `remove_member(${rooms.private}, ${user("deputy")})`,
    "for the owner": `remove_member(${rooms.private}, ${user("owner")})`,
    "for a stranger": `remove_member(${rooms.private}, ${user("stranger")})`,
  },
  // Moderation.
  report: {
    "on another's message": `report('spam', ${message("By other")})`,
    "on their own message": `report('spam', ${message("At home with :name")})`,
    "on a message of a public group": `report('spam', ${message("Public")})`,
    "for another": `report('spam', user_id => ${user("other")})`,
    "for themselves": "report('spam', user_id => :me)",
    ...inRooms((room) => `report('spam', room_id => ${room})`),
  },
  report_list: { "": "report_list()" },
  resolve_report: {
    "for another": "resolve_report(pg_temp.open_report('foe'), 'warn')",
    "for a moderator": "resolve_report(pg_temp.open_report('moderator'), 'warn')",
  },
  mute_user: { "for another": `mute_user(${user("foe")})`, "for a moderator": `mute_user(${user("moderator")})` },
  unmute_user: { "for another": `unmute_user(${user("foe")})`, "for a moderator": `unmute_user(${user("moderator")})` },
  suspend_user: {
    "for another": `suspend_user(${user("foe")})`,
    "for a moderator": `suspend_user(${user("moderator")})`,
  },
  unsuspend_user: {
    "for another": `unsuspend_user(${user("foe")})`,
    "for a moderator": `unsuspend_user(${user("moderator")})`,
  },
  // What operators read and do.
  moderated_people: { "": "moderated_people('foe')" },
  moderated_reports: { "": `moderated_reports(${user("foe")})` },
  moderation_counts: { "": "moderation_counts()" },
  warn_user: {
    "for another": `warn_user(${user("foe")}, 'Rude')`,
    "for a moderator": `warn_user(${user("moderator")}, 'Rude')`,
  },
  moderated_rooms: { "": "moderated_rooms('The private group')" },
  moderated_person_rooms: { "": `moderated_person_rooms(${user("other")})` },
  moderated_room_members: inRooms((room) => `moderated_room_members(${room})`),
  moderated_messages: inRooms((room) => `moderated_messages(${room}, reason => 'A court asks')`),
  set_room_lock: inRooms((room) => `set_room_lock(${room}, true)`),
  operator_list: { "": "operator_list()" },
  set_operator_role: {
    "for another": `set_operator_role(${user("friend")}, 'moderator')`,
    "for their own": "set_operator_role(:me)",
  },
  limit_list: { "": "limit_list()" },
  set_limit: { "": "set_limit('report', 10)" },
  retention_list: { "": "retention_list()" },
  set_retention: { "": "set_retention('buckets', '2 days')" },
  word_rule_list: { "": "word_rule_list()" },
  add_word_rule: { "": "add_word_rule('new')" },
  remove_word_rule: { "": "remove_word_rule(0)" },
  storage_by_bucket: { "": "storage_by_bucket()" },
  connections_by_state: { "": "connections_by_state()" },
  slow_statements: { "": "slow_statements()" },
  job_list: { "": "job_list()" },
  table_sizes: { "": "table_sizes()" },
  ban_member: {
    ...inRooms((room) => `ban_member(${room}, ${user("friend")})`),
    "for another admin": `ban_member(${rooms.private}, ${user("deputy")})`,
    "for the owner": `ban_member(${rooms.private}, ${user("owner")})`,
    "for whom a moderator has banned": `ban_member(${rooms.private}, ${user("foe")}, now() + interval '1 day')`,
    "for a moderator": `ban_member(${rooms.private}, ${user("moderator")})`,
  },
  unban_member: {
    ...inRooms((room) => `unban_member(${room}, ${user("banned")})`),
    "for whom a moderator has banned": `unban_member(${rooms.private}, ${user("foe")})`,
  },
  set_member_role: {
    ...inRooms((room) => `set_member_role(${room}, ${user("other")}, 'admin')`),
    "for themselves": `set_member_role(${rooms.private}, :me, 'owner')`,
    "for the owner": `set_member_role(${rooms.private}, ${user("owner")}, 'member')`,
    "for a stranger": `set_member_role(${rooms.private}, ${user("stranger")}, 'admin')`,
  },
  // Messages.
  forwarded_name: { "": `messages where id = ${message("By other")} and chat.forwarded_name(messages) is null` },
  begin_upload: {
    ...inRooms((room) => `begin_upload(${room}, 'tea.png', 'image/png', 1)`),
    ...inSwitched((room) => `begin_upload(${room}, 'tea.png', 'image/png', 1)`),
  },
  cancel_upload: { "": "cancel_upload(gen_random_uuid())" },
  send_message: {
    ...inRooms((room) => `send_message(${room}, 'Hello')`),
    ...inSwitched((room) => `send_message(${room}, 'Hello')`),
    "in a direct room with who has blocked them": "send_message(tests.direct_room(':name', 'blocker'), 'Hello')",
  },
  messages_around: inRooms((room) => `messages_around(${room}, 1)`),
  edit_message: {
    ...onMessages((id) => `edit_message(${id}, 'Edited')`),
    ...onSwitched((id) => `edit_message(${id}, 'Edited')`),
  },
  delete_message: onMessages((id) => `delete_message(${id})`),
  forward_message: {
    "from the private group": `forward_message(${message("By other")}, ${HOME})`,
    "from a public group": `forward_message(${message("Public")}, ${HOME})`,
    "to the private group": `forward_message(${message("At home with :name")}, ${rooms.private})`,
    "to a public group": `forward_message(${message("At home with :name")}, ${rooms.public})`,
    "to the direct room": `forward_message(${message("At home with :name")}, ${rooms.direct})`,
  },
  pin_message: { ...onMessages((id) => `pin_message(${id})`), ...onSwitched((id) => `pin_message(${id})`) },
  unpin_message: {
    ...onMessages((id) => `unpin_message(${id})`),
    "of a locked group": `unpin_message(${message("In locked by owner")})`,
    "of a group for announcements": `unpin_message(${message("In announcements by owner")})`,
  },
  react: { ...onMessages((id) => `react(${id}, '👍')`), ...onSwitched((id) => `react(${id}, '👍')`) },
  unreact: onMessages((id) => `unreact(${id}, '👍')`),
  own_reactions: { "": `messages where id = ${message("By other")} and chat.own_reactions(messages) = '{}'` },
  mention_list: { "": "mention_list()" },
  search_page: {
    "for what another wrote": "search_page('by other')",
    "in the private group": `search_page('by', ${rooms.private})`,
    "in a public group": `search_page('public', ${rooms.public})`,
    "in the direct room": `search_page('direct', ${rooms.direct})`,
  },
  search_people: {
    "for another": "search_people('other')",
    "for nobody": "search_people('nobody of that name')",
  },
  search_messages: {
    "for what another wrote": "search_messages('by other')",
    "in the private group": `search_messages('by', ${rooms.private})`,
    "in a public group": `search_messages('public', ${rooms.public})`,
    "in the direct room": `search_messages('direct', ${rooms.direct})`,
  },
};
