-- held_messages, 2 of 2: written by `npm run db:migration` from the difference of sql/, then read by a person.

set local lock_timeout = '5s';
set local check_function_bodies = off;

alter table "chat_private"."word_rules"
  validate constraint "word_rules_action_check";
