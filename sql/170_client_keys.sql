-- A key (client_id) makes a write idempotent. A key that is reused for a different write is refused.
create table chat_private.client_keys (
  owner_id uuid not null references chat.profiles on delete cascade,
  kind text not null check (kind in ('message', 'room', 'post')),
  client_id uuid not null,
  digest bytea not null,
  -- The id of what was created; a message is found by its own columns.
  made_id text,
  created_at timestamptz not null default now(),
  primary key (owner_id, kind, client_id)
);
comment on table chat_private.client_keys is
  'Digests of the first write with each key; for messages only of those that were stored otherwise, or have changed.';

-- The old ones, which prune_client_keys() deletes.
create index client_keys_created_at_idx on chat_private.client_keys (created_at);

alter table chat_private.client_keys enable row level security;
revoke all on chat_private.client_keys from anon, authenticated;

create function chat_private.digest(content jsonb)
returns bytea
language sql immutable security invoker set search_path = ''
as $$
  select sha256(convert_to(content::text, 'UTF8'));
$$;

create function chat_private.refuse_reused_key()
returns void
language plpgsql stable security invoker set search_path = ''
as $$
begin
  raise sqlstate 'PT409' using message = 'client_id_reused', detail = 'This client_id was used for something else.';
end;
$$;

-- Serializes writes with the same key, so that the second finds the result of the first.
create function chat_private.lock_key(owner_id uuid, client_id uuid)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  key bigint := hashtextextended(owner_id::text || client_id::text, 0);
begin
  -- A message that a backend sends without a sender has no owner, and its key is not looked up.
  if key is null then
    return;
  elsif nullif(current_setting('chat.highest_room', true), '') is null then
    perform pg_advisory_xact_lock(key);
    return;
  end if;
  -- A transaction that holds the lock of a room polls instead of waiting, as in lock_out_of_turn().
  for attempt in 1..50 loop
    if pg_try_advisory_xact_lock(key) then
      return;
    end if;
    perform pg_sleep(0.01);
  end loop;
  raise sqlstate 'PT503' using message = 'try_again', detail = 'Another request with this client_id is running. Try again.';
end;
$$;
grant execute on function chat_private.lock_key, chat_private.refuse_reused_key to authenticated;

-- For writes other than messages. A new key is stored; note_made() adds the id of what was created.
create function chat_private.made_with_key(owner_id uuid, kind text, client_id uuid, content jsonb)
returns text
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  used chat_private.client_keys;
begin
  perform chat_private.lock_key(made_with_key.owner_id, made_with_key.client_id);
  insert into chat_private.client_keys (owner_id, kind, client_id, digest)
  values (made_with_key.owner_id, made_with_key.kind, made_with_key.client_id, chat_private.digest(content))
  on conflict do nothing;
  if found then
    return null;
  end if;
  select * into used from chat_private.client_keys as keys
  where (keys.owner_id, keys.kind, keys.client_id)
    = (made_with_key.owner_id, made_with_key.kind, made_with_key.client_id);
  if used.digest <> chat_private.digest(content) then
    perform chat_private.refuse_reused_key();
  end if;
  return used.made_id;
end;
$$;
comment on function chat_private.made_with_key is
  'The id of what a client_id has created before; null for a new client_id. Raises client_id_reused if the content differs.';

create function chat_private.note_made(owner_id uuid, kind text, client_id uuid, made_id text)
returns void
language sql volatile security invoker set search_path = ''
as $$
  update chat_private.client_keys as keys set made_id = note_made.made_id
  where (keys.owner_id, keys.kind, keys.client_id) = (note_made.owner_id, note_made.kind, note_made.client_id);
$$;

create function chat_private.prune_client_keys()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant integer := 5000;
  pruned integer;
begin
  delete from chat_private.client_keys as keys where (keys.owner_id, keys.kind, keys.client_id) in (
    select old.owner_id, old.kind, old.client_id from chat_private.client_keys as old
    where old.created_at < chat_private.kept_since('client_keys')
    order by old.created_at
    limit most
    for update skip locked
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$$;
comment on function chat_private.prune_client_keys is 'Deletes keys that no client repeats any more.';
