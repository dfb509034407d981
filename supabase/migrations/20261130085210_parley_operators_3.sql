-- operators, 3 of 6: written by `npm run db:migration` from the difference of sql/, then read by a person.

create index concurrently audit_log_actor_id_idx on chat.audit_log using btree (actor_id, id desc);
