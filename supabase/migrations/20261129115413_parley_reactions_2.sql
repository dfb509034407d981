-- reactions, 2 of 3: written by `npm run db:migration` from the difference of sql/, then read by a person.

create unique index concurrently messages_reactions_version_key on chat.messages
  using btree (room_id, reactions_version)
  where (reactions_version is not null);
