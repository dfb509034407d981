-- account_deletion, 2 of 3: written by `npm run db:migration` from the difference of sql/, then read by a person.

create index concurrently messages_forwarded_sender_id_idx on chat.messages using btree (forwarded_sender_id)
  where (forwarded_sender_id is not null);
