-- invitations, 1 of 2: the column alone, as functions return rows of the table.

set local lock_timeout = '5s';

alter table "chat"."profiles"
  add column "added_by" chat.who_reaches not null default 'everyone'::chat.who_reaches;
