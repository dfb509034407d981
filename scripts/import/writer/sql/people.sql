-- The people of stage_people. History is not news: without triggers, nobody receives an event, and each profile is written
-- once, with its number.
set local session_replication_role = replica;
set local timezone = 'UTC';

create temporary table unit_people as
select people.*, run.name as import, run.is_database, known.target_id is not null as is_known,
  jsonb_strip_nulls(jsonb_build_object(
    'provider', 'email', 'providers', case when google is null then '["email"]'::jsonb else '["email", "google"]' end,
    'imported_from', run.name, 'source_id', coalesce(to_jsonb(people.source), to_jsonb(people.source_id)),
    'last_login', last_login,
    'is_staff', nullif(is_staff, false), 'is_superuser', nullif(is_superuser, false)
  )) as app,
  -- Auth knows no infinity.
  case when not is_active then date_joined + interval '200 years' end as banned_until
from import_run as run
cross join stage_people as people
left join chat_private.imported_rows as known
  on (known.kind, known.source_id) = ('person', people.source_id) and known.import_id = run.import_id;

-- A person who has signed in here, or has set another password, may have changed the rest here, too.
create temporary table unit_again as
select people.*
from unit_people as people
join auth.users as users on users.id = people.id
where is_known and users.last_sign_in_at is null
  and not exists (select from chat_private.exchanged_tokens as ended where ended.jti = 'account:' || users.id);
update auth.users as users
set encrypted_password = again.auth_hash, raw_app_meta_data = again.app,
  -- A ban by an operator here stays.
  banned_until = case
    when users.banned_until = users.created_at + interval '200 years' then again.banned_until
    else coalesce(users.banned_until, again.banned_until)
  end
from unit_again as again
where users.id = again.id;
delete from chat_private.old_passwords using unit_again as again where user_id = again.id;
insert into chat_private.old_passwords (user_id, hash) select id, old_hash from unit_again where old_hash is not null;
update chat.profiles as profiles
set first_name = chat_private.name_of(again.first_name), last_name = chat_private.name_of(again.last_name),
  bio = left(again.bio, 2000), avatar_url = again.avatar_url
from unit_again as again
where profiles.id = again.id;

do $$
declare
  person unit_people;
  wanted text;
  address text;
  number bigint;
begin
  for person in
    select * from unit_people where not is_known
    order by case when source_id < 1::bigint << 60 then source_id end, date_joined, source_id
  loop
    if person.same_as is not null then
      insert into chat_private.imported_rows
      select import_run.import_id, 'person', person.source_id, profiles.number
      from import_run, chat.profiles as profiles
      where profiles.id = chat_private.person_named(person.same_as);
      continue;
    end if;
    wanted := normalize(person.username, nfkc);
    -- Nobody signs in with a username that is the address of somebody else: the address takes precedence.
    if exists (select from auth.users as users where users.email = lower(wanted))
      or exists (select from unit_people as one where one.email = lower(wanted) and one.source_id <> person.source_id) then
      wanted := split_part(wanted, '@', 1);
    end if;
    if chat_private.is_username(wanted) is not true or chat_private.is_taken(wanted) then
      wanted := chat_private.free_username(coalesce(nullif(wanted, ''), split_part(person.email, '@', 1)));
    end if;
    if wanted <> person.username then
      insert into import_notes
      values ('person', person.source_id, 'another username here', false, format('%s, not %s', wanted, person.username));
    end if;

    address := person.email;
    if address is not null and exists (select from auth.users as users where users.email = address) then
      insert into import_notes
      values ('person', person.source_id, 'an address that another account has', true, address);
      address := null;
    end if;
    address := coalesce(address, person.id || '@users.parley.invalid');

    number := case
      when not person.is_database or person.source_id >= 1::bigint << 60
        or exists (select from chat.profiles as profiles where profiles.number = person.source_id)
        then nextval(pg_get_serial_sequence('chat.profiles', 'number'))
      else person.source_id
    end;

    insert into auth.users (
      instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data,
      created_at, updated_at, banned_until, confirmation_token, recovery_token, email_change, email_change_token_new
    ) values (
      '00000000-0000-0000-0000-000000000000', person.id, 'authenticated', 'authenticated', address, person.auth_hash,
      -- What comes from an export has no way to sign in.
      case when person.is_database then person.date_joined end, person.app, jsonb_build_object('username', wanted),
      person.date_joined, person.date_joined,
      person.banned_until, '', '', '', ''
    );
    insert into auth.identities (
      id, user_id, provider, provider_id, identity_data, last_sign_in_at, created_at, updated_at
    )
    select gen_random_uuid(), person.id, provider, provider_id,
      jsonb_build_object('sub', provider_id, 'email', address, 'email_verified', is_verified),
      person.date_joined, person.date_joined, person.date_joined
    from (
      values ('email', person.id::text, person.is_verified), ('google', person.google, true)
    ) as identities (provider, provider_id, is_verified)
    where provider_id is not null and person.is_database
    on conflict do nothing;
    if address not like '%.invalid' and not person.is_verified then
      insert into chat_private.unproven_addresses (user_id) values (person.id);
    end if;
    insert into chat.profiles (id, number, username, first_name, last_name, bio, avatar_url, created_at, show_email)
    overriding system value values (
      person.id, number, wanted, chat_private.name_of(person.first_name), chat_private.name_of(person.last_name),
      left(person.bio, 2000), person.avatar_url, person.date_joined,
      -- The clients of an old backend expect to see it.
      person.is_database
    );
    insert into chat.user_status (user_id, last_seen_at)
    select person.id, least(person.last_seen, now() - interval '1 minute') where person.last_seen is not null;
    insert into chat_private.old_passwords (user_id, hash) select person.id, person.old_hash where person.old_hash is not null;
    insert into chat_private.imported_rows
    select import_run.import_id, 'person', person.source_id, number from import_run;
  end loop;
end;
$$;
-- Who proves the address takes over the history, and so does at once who has proven it before.
delete from chat_private.imported_addresses as addresses using unit_again as again
where addresses.user_id = again.id and again.address is null;
insert into chat_private.imported_addresses (user_id, email)
select people.id, people.address
from unit_people as people
join auth.users as users on users.id = people.id
where people.address is not null
on conflict (user_id) do update set email = excluded.email;
do $$
begin
  perform chat_private.claim_history(users.id)
  from unit_people as people
  join auth.users as users on users.email = people.address
  where people.address is not null;
end;
$$;
insert into import_came
select 'person', count(known.target_id), count(known.target_id) filter (where not people.is_known)
from unit_people as people
left join chat_private.imported_rows as known
  on (known.import_id, known.kind, known.source_id) = ((select import_id from import_run), 'person', people.source_id);
