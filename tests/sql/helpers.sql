-- Loaded once into each test database, before the tests.
drop schema if exists tests cascade;
create schema tests;
grant usage on schema tests to public;

-- The id of a person of that name: the same in every test.
create function tests.user(name text)
returns uuid
language sql immutable set search_path = ''
as $$
  select md5('user:' || name)::uuid;
$$;

-- Signs these people up; their profiles are made by the trigger.
create function tests.sign_up(variadic names text[])
returns void
language sql set search_path = ''
as $$
  insert into auth.users (id, aud, role, email, raw_user_meta_data)
  select
    tests.user(name), 'authenticated', 'authenticated', name || '@example.com', jsonb_build_object('username', name)
  from unnest(names) as name;
$$;

-- Makes a person a moderator or an administrator, or neither when null, from the next act_as() on.
create function tests.appoint(name text, role text)
returns void
language sql set search_path = ''
as $$
  update auth.users set raw_app_meta_data = coalesce(raw_app_meta_data, '{}') || jsonb_build_object('parley_role', appoint.role)
  where id = tests.user(name);
$$;

create function tests.app_metadata(name text)
returns jsonb
language sql stable security definer set search_path = ''
as $$
  select coalesce((select jsonb_strip_nulls(raw_app_meta_data) from auth.users where id = tests.user(name)), '{}');
$$;

-- From here to the end of the transaction: this signed-in person, or anon when null.
create function tests.act_as(name text)
returns void
language plpgsql set search_path = ''
as $$
declare
  role text := case when name is null then 'anon' else 'authenticated' end;
begin
  perform set_config('role', role, true);
  -- As in a request of its own.
  perform set_config('chat.access', '', true);
  perform set_config('request.jwt.claims', jsonb_build_object(
    'sub', tests.user(name), 'role', role, 'app_metadata', tests.app_metadata(name)
  )::text, true);
end;
$$;

-- From here on: the operator, past every policy.
create function tests.act_as_operator()
returns void
language plpgsql set search_path = ''
as $$
begin
  perform set_config('role', 'none', true);
  perform set_config('request.jwt.claims', '', true);
end;
$$;

-- The newest room of that name. Definer, as below: tests speak of what the acting person may not see.
create function tests.room(name text)
returns bigint
language sql stable security definer set search_path = ''
as $$
  select max(id) from chat.rooms where rooms.name = room.name;
$$;

create function tests.direct_room(one text, other text)
returns bigint
language sql stable security definer set search_path = ''
as $$
  select id from chat.rooms
  where direct_key = least(tests.user(one), tests.user(other)) || ':' || greatest(tests.user(one), tests.user(other));
$$;

-- The newest message that says this.
create function tests.message(content text)
returns bigint
language sql stable security definer set search_path = ''
as $$
  select max(id) from chat.messages where messages.content = message.content;
$$;

-- How many rows a write has changed. Without "where" and "returning" it meets the policy of the write alone: with them,
-- a policy for reading hides what is missing in it.
create function tests.changed(statement text)
returns bigint
language plpgsql volatile set search_path = ''
as $$
declare
  changed bigint;
begin
  execute statement;
  get diagnostics changed = row_count;
  return changed;
end;
$$;

-- What this transaction has announced, in order, since the last hush().
create function tests.heard()
returns table (topic text, event text, payload jsonb)
language sql volatile security definer set search_path = ''
as $$
  select messages.topic, messages.event, messages.payload
  from realtime.messages as messages
  where messages.inserted_at = localtimestamp
    and messages.cmin::text::bigint > coalesce(nullif(current_setting('tests.hushed', true), ''), '-1')::bigint
  order by messages.cmin::text::bigint;
$$;

create function tests.hush()
returns void
language sql volatile security definer set search_path = ''
as $$
  select set_config('tests.hushed', max(messages.cmin::text::bigint)::text, true)
  from realtime.messages as messages
  where messages.inserted_at = localtimestamp;
$$;

-- Adds every message to the search index, as the job does in time.
create function tests.index_messages()
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  room bigint := 0;
begin
  perform chat_private.index_changed_messages(1000000);
  while room is not null loop
    room := chat_private.index_rooms(room, 1000000, 1);
  end loop;
  perform gin_clean_pending_list('chat_private.search_entries_idx');
end;
$$;

grant execute on all functions in schema tests to public;
