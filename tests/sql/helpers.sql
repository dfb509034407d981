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
  select tests.user(name), 'authenticated', 'authenticated', name || '@example.com', jsonb_build_object('username', name)
  from unnest(names) as name;
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
  perform set_config('request.jwt.claims', jsonb_build_object('sub', tests.user(name), 'role', role)::text, true);
end;
$$;

grant execute on all functions in schema tests to public;
