-- Parley keeps to two schemas, so that it can be added to a project that has tables of its own.
create schema chat;
comment on schema chat is 'What clients reach through the Data API: tables, and functions to call as RPC.';
create schema chat_private;
comment on schema chat_private is 'Helpers of chat: never exposed to the Data API.';

revoke all on schema chat, chat_private from public;
-- Policies and functions of chat run as the caller and call helpers, hence usage of both.
grant usage on schema chat, chat_private to authenticated, service_role;

-- Part-of-word search.
create extension if not exists pg_trgm with schema extensions;

create type chat.room_kind as enum ('direct', 'group');
-- In ascending order of rights, so that `role >= 'admin'` reads as it is meant.
create type chat.member_role as enum ('member', 'admin', 'owner');
