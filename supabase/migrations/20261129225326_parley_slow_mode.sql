-- slow_mode, 1 of 3: the column alone, as functions return rows of the table.

set local lock_timeout = '5s';

alter table "chat"."rooms"
  add column "slow_mode_seconds" integer not null default 0;
