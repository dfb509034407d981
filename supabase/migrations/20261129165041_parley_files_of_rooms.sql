-- files_of_rooms: written by `npm run db:migration` from the difference of sql/, then read by a person.

create index concurrently attachments_room_id_idx on chat.attachments using btree (room_id, created_at);
