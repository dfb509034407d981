-- operators, 5 of 6: written by `npm run db:migration` from the difference of sql/, then read by a person.

create index concurrently reports_user_id_idx on chat.reports using btree (user_id, id desc);
