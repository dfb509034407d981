-- retention, 2 of 4: written by `npm run db:migration` from the difference of sql/, then read by a person.

create index concurrently reports_resolved_at_idx on chat.reports using btree (resolved_at)
  where (resolved_at is not null);
