-- operators, 6 of 6: written by `npm run db:migration` from the difference of sql/, then read by a person.

create index concurrently rooms_name_fold_idx on chat.rooms using btree (chat_private.fold(name) collate "C", id)
  where (kind = 'group'::chat.room_kind);
