-- retention, 3 of 4: written by `npm run db:migration` from the difference of sql/, then read by a person.

create index concurrently client_keys_created_at_idx on chat_private.client_keys using btree (created_at);
