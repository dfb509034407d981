-- system_messages, 2 of 3: written by `npm run db:migration` from the difference of sql/, then read by a person.

create index concurrently room_changes_system_idx on chat.room_changes using btree (room_id, after_seq, version)
  where (kind is not null);
