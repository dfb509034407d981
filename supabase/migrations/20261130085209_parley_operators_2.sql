-- operators, 2 of 6: written by `npm run db:migration` from the difference of sql/, then read by a person.

create index concurrently audit_log_action_idx on chat.audit_log using btree (action, id desc);
