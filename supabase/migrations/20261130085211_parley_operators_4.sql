-- operators, 4 of 6: written by `npm run db:migration` from the difference of sql/, then read by a person.

create index concurrently reports_room_id_idx on chat.reports using btree (room_id, id desc);
