-- mentions, 2 of 3: written by `npm run db:migration` from the difference of sql/, then read by a person.

create index concurrently messages_mentioning_all_idx on chat.messages using btree (room_id, seq) include (sender_id)
  where mentions_all;
