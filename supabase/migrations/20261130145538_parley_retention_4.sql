-- retention, 4 of 4: written by `npm run db:migration` from the difference of sql/, then read by a person.

create index concurrently event_times_sent_at_idx on chat_private.event_times using btree (sent_at);
