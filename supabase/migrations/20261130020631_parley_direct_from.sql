-- direct_from, 1 of 2: the column alone, as functions return rows of the table.

set local lock_timeout = '5s';

create type "chat"."who_reaches" as enum (
  'everyone',
  'shared_rooms',
  'friends',
  'nobody'
);

alter table "chat"."profiles"
  add column "direct_from" chat.who_reaches not null default 'everyone'::chat.who_reaches;
