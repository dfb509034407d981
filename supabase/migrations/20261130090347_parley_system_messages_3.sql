-- system_messages, 3 of 3: written by `npm run db:migration` from the difference of sql/, then read by a person.

create unique index concurrently room_changes_system_key on chat.room_changes
  using btree (room_id, ((payload ->> 'client_id'::text)))
  where (kind = 'text'::chat.system_kind);
