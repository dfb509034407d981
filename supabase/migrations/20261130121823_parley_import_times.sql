-- import_times: written by `npm run db:migration` from the difference of sql/, then read by a person.

set local lock_timeout = '5s';
set local check_function_bodies = off;

alter table "chat_private"."imports"
  add column "seen_until" timestamp with time zone;
