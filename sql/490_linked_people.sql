-- A person who came with the export of another chat has an account to which nobody can sign in. Who proves the address that
-- the export has of that person takes over the memberships, messages and reactions, and so does who an operator names. A job moves them.
create table chat_private.imported_addresses (
  user_id uuid primary key references auth.users on delete cascade,
  email text not null check (email = lower(email) and char_length(email) <= 254)
);
comment on table chat_private.imported_addresses is 'The address that the export of another chat has of an imported person.';

-- The imported people of an address that was proven.
create index imported_addresses_email_idx on chat_private.imported_addresses (email);

alter table chat_private.imported_addresses enable row level security;
revoke all on chat_private.imported_addresses from anon, authenticated, service_role;

create table chat_private.linked_people (
  imported_id uuid primary key references auth.users on delete cascade,
  user_id uuid not null references auth.users on delete cascade,
  linked_at timestamptz not null default now(),
  constraint linked_people_check check (imported_id <> user_id)
);
comment on table chat_private.linked_people is 'The imported people whose memberships and messages a job still moves, and to whom.';

-- The foreign key.
create index linked_people_user_id_idx on chat_private.linked_people (user_id);

alter table chat_private.linked_people enable row level security;
revoke all on chat_private.linked_people from anon, authenticated, service_role;

create function chat_private.claim_history(account uuid)
returns void
language sql volatile security invoker set search_path = ''
as $$
  insert into chat_private.linked_people (imported_id, user_id)
  select addresses.user_id, users.id
  from auth.users as users
  join chat_private.imported_addresses as addresses on addresses.email = lower(users.email)
  where users.id = account and users.id <> addresses.user_id
    and not exists (select from chat_private.unproven_addresses as unproven where unproven.user_id = users.id)
  on conflict do nothing;
$$;
comment on function chat_private.claim_history is
  'Gives a person the history of the imported people who have the same address, if the person has proven it.';

-- Definer: Auth's role writes auth.users, and has no rights in chat_private.
create function chat_private.address_proven()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.claim_history(old.user_id);
  return null;
exception when others then
  -- A sign-in is more important; an operator can link them.
  raise warning 'the history of % was not claimed: %', old.user_id, sqlerrm;
  return null;
end;
$$;

create trigger address_proven
  after delete on chat_private.unproven_addresses
  for each row execute function chat_private.address_proven();

-- Definer: as above.
create function chat_private.proven_address_set()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.claim_history(new.id);
  return null;
exception when others then
  raise warning 'the history of % was not claimed: %', new.id, sqlerrm;
  return null;
end;
$$;

-- A mailed link was used to change a proven address. By its name it runs after parley_address_set, which may take it as unproven.
create trigger parley_proven_address_set
  after update of email on auth.users
  for each row when (lower(new.email) is distinct from lower(old.email))
  execute function chat_private.proven_address_set();

create function chat_private.link_people(imported text, person text)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  imported_account auth.users;
  account uuid := chat_private.person_named(person);
begin
  select * into imported_account from auth.users where id = chat_private.person_named(imported);
  if account is null or imported_account.id is null then
    raise exception 'Nobody is called %.', case when account is null then person else imported end;
  elsif imported_account.email_confirmed_at is not null or imported_account.encrypted_password is not null
    or coalesce(imported_account.raw_app_meta_data ->> 'imported_from', '') = ''
  then
    raise exception '% did not come with the export of another chat.', imported;
  elsif account = imported_account.id then
    raise exception '% and % are the same person.', imported, person;
  end if;
  insert into chat_private.linked_people (imported_id, user_id) values (imported_account.id, account)
  on conflict (imported_id) do nothing;
  if not found then
    raise exception '% is already being linked.', imported;
  end if;
end;
$$;
comment on function chat_private.link_people is
  'For operators: gives the history of an imported person to another one, both by their usernames. Granted to no role.';

create function chat_private.move_membership(room_id bigint, imported_id uuid, person_id uuid)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  room chat.rooms;
  imported chat.room_members;
  other uuid;
  key text;
begin
  -- Nobody joins or leaves.
  perform set_config('chat.is_moving', 'true', true);
  select * into room from chat.rooms where id = move_membership.room_id for update;
  select * into imported from chat.room_members as members
  where members.room_id = room.id and members.user_id = imported_id;
  if room.kind = 'direct' then
    select people::uuid into other from string_to_table(room.direct_key, ':') as people where people <> imported_id::text;
    key := chat_private.direct_key(other, person_id);
    if other = person_id or exists (select from chat.rooms where direct_key = key) then
      -- They have a chat of the two already, or it was with oneself.
      update chat.rooms
      set kind = 'group', direct_key = null, slug = chat_private.free_slug(id),
        name = left((select string_agg(username, ', ' order by username) from chat.profiles where id in (other, person_id)), 255)
      where id = room.id;
    else
      update chat.rooms set direct_key = key where id = room.id;
    end if;
  end if;
  -- A person who is banned from the room stays out of it, and nobody takes the place.
  insert into chat.room_members (room_id, user_id)
  select room.id, person_id
  where not exists (
    select from chat.room_bans as bans
    where bans.room_id = move_membership.room_id and bans.user_id = person_id and (bans.until is null or bans.until > now())
  )
  on conflict do nothing;
  -- A room has one owner at a time.
  update chat.room_members as members set role = 'member'
  where members.room_id = room.id and members.user_id = imported_id and members.role <> 'member';
  update chat.room_members as members set role = imported.role
  where members.room_id = room.id and members.user_id = person_id and members.role < imported.role;
  update chat.mentions as mentions set user_id = person_id
  where mentions.user_id = imported_id and mentions.room_id = move_membership.room_id and not exists (
    select from chat.mentions as own
    where own.user_id = person_id and own.room_id = mentions.room_id and own.seq = mentions.seq
  );
  delete from chat.room_members as members where members.room_id = room.id and members.user_id = imported_id;
end;
$$;
comment on function chat_private.move_membership is 'Puts a person into the place that an imported person has in a room.';

create function chat_private.move_reactions(imported_id uuid, person_id uuid, max_rows integer)
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  moved integer;
begin
  with page as (
    select reactions.message_id, reactions.emoji from chat.reactions as reactions where reactions.user_id = imported_id limit max_rows
  )
  update chat.reactions as reactions set user_id = person_id
  from page
  where reactions.user_id = imported_id and (reactions.message_id, reactions.emoji) = (page.message_id, page.emoji)
    and not exists (
      select from chat.reactions as own
      where own.user_id = person_id and (own.message_id, own.emoji) = (page.message_id, page.emoji)
    );
  get diagnostics moved = row_count;
  if moved > 0 then
    return true;
  end if;
  -- What is left was put there by both.
  delete from chat.reactions as reactions where (reactions.message_id, reactions.user_id, reactions.emoji) in (
    select doubled.message_id, doubled.user_id, doubled.emoji from chat.reactions as doubled
    where doubled.user_id = imported_id limit max_rows
  );
  return found;
end;
$$;
comment on function chat_private.move_reactions is
  'Gives up to max_rows reactions of an imported person to another one. Returns whether there were any.';

create function chat_private.finish_link(imported_id uuid, person_id uuid)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  update chat.pins set pinned_by = person_id where pinned_by = imported_id;
  update chat.rooms set created_by = person_id where created_by = imported_id;
  insert into chat.blocks (user_id, blocked_id)
  select user_id, person_id from chat.blocks where blocked_id = imported_id and user_id <> person_id
  on conflict do nothing;
  update chat.room_bans as bans set user_id = person_id
  where bans.user_id = imported_id and not exists (
    select from chat.room_bans as own where own.user_id = person_id and own.room_id = bans.room_id
  );
  -- What was unread and is the person's own now.
  update chat.room_members as members
  set own_after_read = (
    select count(*) from chat.messages as own
    where own.room_id = members.room_id and own.sender_id = person_id and own.seq > members.last_read_seq and own.deleted_at is null
  )
  from chat.rooms as rooms
  where members.user_id = person_id and rooms.id = members.room_id and rooms.last_seq > members.last_read_seq;
  delete from auth.users where id = imported_id;
end;
$$;
comment on function chat_private.finish_link is 'Moves what remains of an imported person, and deletes the account.';

create function chat_private.job_link_people()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  until constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  link chat_private.linked_people;
  room bigint;
begin
  -- An import may be writing messages of these people: it holds this lock until its end.
  if not pg_try_advisory_xact_lock(1885434476) then
    return false;
  end if;
  loop
    select * into link from chat_private.linked_people order by linked_at, imported_id limit 1;
    if not found then
      return false;
    end if;
    -- The next import finds the person.
    update chat_private.imported_rows as imported
    set target_id = people.number
    from chat.profiles as people, chat.profiles as gone
    where people.id = link.user_id and gone.id = link.imported_id
      and imported.kind = 'person' and imported.target_id = gone.number;
    select room_id into room from chat.room_members where user_id = link.imported_id order by room_id limit 1;
    if found then
      perform chat_private.move_membership(room, link.imported_id, link.user_id);
    else
      -- Skips a message that is being edited or deleted: its room is locked, and this does not wait.
      update chat.messages set sender_id = link.user_id where id in (
        select messages.id from chat.messages as messages where messages.sender_id = link.imported_id
        limit 100
        for no key update skip locked
      );
      if not found and not exists (select from chat.messages where sender_id = link.imported_id)
        and not chat_private.move_reactions(link.imported_id, link.user_id, 100)
      then
        perform chat_private.finish_link(link.imported_id, link.user_id);
      end if;
    end if;
    if clock_timestamp() > until then
      return true;
    end if;
  end loop;
end;
$$;
comment on function chat_private.job_link_people is 'Gives people the memberships, messages and reactions of the imported people they are.';

insert into chat_private.jobs (name, every) values ('link_people', interval '5 seconds');
