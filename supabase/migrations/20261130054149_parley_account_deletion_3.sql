-- account_deletion, 3 of 3: written by `npm run db:migration` from the difference of sql/, then read by a person.

set local lock_timeout = '5s';
set local check_function_bodies = off;

alter table "chat_private"."files_to_remove"
  validate constraint "files_to_remove_bucket_check";
