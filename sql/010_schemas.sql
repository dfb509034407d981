-- Parley uses two schemas only, so that it can be added to a project with other tables.
create schema chat;
comment on schema chat is 'What clients reach through the Data API: tables, and functions that they call as RPC.';
create schema chat_private;
comment on schema chat_private is 'Helpers of chat, never exposed through the Data API.';

revoke all on schema chat, chat_private from public, anon, authenticated, service_role;
-- Policies and functions of chat run as the caller and call helpers, so callers need usage of both schemas.
grant usage on schema chat, chat_private to authenticated, service_role;

create type chat.room_kind as enum ('direct', 'group');
-- Whom a switch of a room permits something: all members, or its owner and admins.
create type chat.who_may as enum ('everyone', 'admins');
-- Each admits fewer people than the one before.
create type chat.who_reaches as enum ('everyone', 'shared_rooms', 'friends', 'nobody');
-- Contacts are whom the person calls a friend, and people of a room that both are in.
create type chat.who_finds as enum ('everyone', 'contacts', 'nobody');
-- Whether everyone joins a public group at once, or asks its admins.
create type chat.way_to_join as enum ('open', 'request');
-- An invitation that is neither accepted nor declined. Who ignores it sees it no longer, and nobody else knows.
create type chat.invitation_state as enum ('pending', 'ignored');
-- In ascending order of rights: `role >= 'admin'` means an admin or the owner.
create type chat.member_role as enum ('member', 'admin', 'owner');
-- What becomes of the messages of an account that is deleted: they stay without a sender, or become tombstones.
create type chat.deletion_mode as enum ('keep', 'erase');
-- What moderation has done to a person, for their notices.
create type chat.notice_kind as enum ('message_deleted', 'warning', 'mute', 'room_ban', 'suspension', 'report_answered');
create type chat.report_kind as enum ('message', 'user', 'room');
-- A word rule is nobody's report: the database makes it.
create type chat.report_reason as enum (
  'spam', 'harassment', 'hate', 'violence', 'sexual', 'self_harm', 'illegal', 'other', 'word_rule'
);
create type chat.report_state as enum ('open', 'dismissed', 'resolved');
-- What a moderator does about a report.
create type chat.moderation_action as enum ('dismiss', 'delete', 'warn', 'mute', 'ban_from_room', 'suspend');
-- The role of a person who runs the project: who administers moderates, too.
create type chat.operator_role as enum ('moderator', 'administrator');
-- What a system message says (335_system_messages): text is that of a backend.
create type chat.system_kind as enum (
  'created', 'joined', 'added', 'left', 'removed', 'renamed', 'picture', 'description', 'pinned', 'locked', 'unlocked', 'text'
);
