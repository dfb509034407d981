-- reactions_of_rooms: written by `npm run db:migration` from the difference of sql/, then read by a person.

set local lock_timeout = '5s';
set local check_function_bodies = off;

alter table "chat"."reactions"
  drop constraint "reactions_room_id_fkey";
