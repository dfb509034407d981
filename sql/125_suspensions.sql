-- Who may not use the chat, until when and why. Operators write it, in Studio or with the secret key; a ban of Auth has the same
-- effect. require_access() asks.
create table chat.suspensions (
  user_id uuid primary key references auth.users on delete cascade,
  until timestamptz check (isfinite(until)),
  reason text check (char_length(reason) between 1 and 500),
  created_at timestamptz not null default now(),
  created_by uuid default auth.uid() references chat.profiles on delete set null
);
comment on table chat.suspensions is
  'The users who may not use the chat: nothing is read or written with their tokens. Delete the row to lift it.';
comment on column chat.suspensions.until is 'When it ends by itself; null if it lasts until the row is deleted.';
comment on column chat.suspensions.reason is 'What is shown to the user.';
comment on column chat.suspensions.created_by is 'The moderator; null for an operator or a backend.';

-- The foreign key.
create index suspensions_created_by_idx on chat.suspensions (created_by);

alter table chat.suspensions enable row level security;
revoke all on chat.suspensions from anon, authenticated;
grant select (user_id, until, reason, created_at) on chat.suspensions to authenticated;
-- No writes: suspend_user() and unsuspend_user(), operators and backends. Not who has suspended them.

-- Without require_modest_query(), which asks for access: this says why there is none.
create policy "people can read why they are suspended, and moderators all"
  on chat.suspensions for select to authenticated
  using (user_id = (select auth.uid()) or (select chat_private.is_moderator()));
