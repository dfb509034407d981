-- join_requests, 1 of 2: the column alone, as functions return rows of the table.

set local lock_timeout = '5s';

create type "chat"."way_to_join" as enum (
  'open',
  'request'
);

alter table "chat"."rooms"
  add column "joining" chat.way_to_join not null default 'open'::chat.way_to_join;
