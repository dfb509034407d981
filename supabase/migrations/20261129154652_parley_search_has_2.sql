-- search_has, 2 of 2: written by `npm run db:migration` from the difference of sql/, then read by a person.

create index concurrently messages_with_files_idx on chat.messages using btree (room_id, seq)
  where (attachments <> '[]'::jsonb);
