-- room_avatars, 1 of 3: written by `npm run db:migration` from the difference of sql/, then read by a person.

set local lock_timeout = '5s';

alter table "chat"."rooms"
  add column "avatar_url" text;
