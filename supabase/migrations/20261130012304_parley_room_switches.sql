-- room_switches, 1 of 3: the columns alone, as functions return rows of the table.

set local lock_timeout = '5s';

create type "chat"."who_may" as enum ('everyone', 'admins');

alter table "chat"."rooms"
  add column "posting" "chat"."who_may" not null default 'everyone',
  add column "inviting" "chat"."who_may" not null default 'admins',
  add column "pinning" "chat"."who_may" not null default 'everyone',
  add column "locked_at" timestamp with time zone,
  add column "locked_reason" text;
