-- reactions, 1 of 3: written by `npm run db:migration` from the difference of sql/, then read by a person.

set local lock_timeout = '5s';

alter table "chat"."messages"
  add column "reactions" jsonb not null default '{}'::jsonb;

alter table "chat"."messages"
  add column "reactions_version" bigint;

comment on column "chat"."messages"."reactions" is 'How many people have reacted with each emoji: {"👍": 2}.';

comment on column "chat"."messages"."reactions_version" is 'The version of the room when the reactions last changed.';
