-- linked_people, 2 of 2: written by `npm run db:migration` from the difference of sql/, then read by a person.

create index concurrently imported_rows_person_idx on chat_private.imported_rows using btree (target_id)
  where (kind = 'person'::text);
