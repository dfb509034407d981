-- A username by the rules of Django, in Django's normal form, and without invisible characters.
create function chat_private.is_username(name text)
returns boolean
language plpgsql immutable parallel safe security invoker set search_path = ''
as $$
begin
  return name ~ '^[\w.@+-]{1,150}$' and name = normalize(name, nfkc) and name = chat_private.visible(name)
    and chat_private.shows(name);
end;
$$;
grant execute on function chat_private.is_username to authenticated, service_role;

-- Profiles. The trigger of 120_accounts inserts the profile of a new account.
create table chat.profiles (
  id uuid primary key references auth.users on delete cascade,
  number bigint generated always as identity unique,
  username text not null check (chat_private.is_username(username)),
  first_name text not null default ''
    check (char_length(first_name) <= 150 and (first_name = '' or chat_private.shows(first_name))),
  last_name text not null default ''
    check (char_length(last_name) <= 150 and (last_name = '' or chat_private.shows(last_name))),
  bio text not null default '' check (char_length(bio) <= 2000),
  avatar_url text check (avatar_url ~ '^(https?://|/)' and char_length(avatar_url) <= 2048),
  show_email boolean not null default false,
  share_receipts boolean not null default true,
  created_at timestamptz not null default now(),
  direct_from chat.who_reaches not null default 'everyone',
  added_by chat.who_reaches not null default 'everyone',
  found_by chat.who_finds not null default 'everyone',
  status_seen_by chat.who_finds not null default 'everyone'
);
comment on table chat.profiles is 'The profile of a user: one row for each account.';
comment on column chat.profiles.show_email is
  'Whether others see the address: on for accounts of an API whose clients expect it, off for others until their user switches it on.';
comment on column chat.profiles.share_receipts is 'Whether other members see what was delivered to this user, and what the user has read.';
comment on column chat.profiles.direct_from is
  'Who may open a direct chat with this user, and add them to groups: everyone, people of a private group that both are in and those '
  'whom the user calls a friend, only those friends, or nobody.';
comment on column chat.profiles.added_by is
  'Of those whom direct_from admits: who adds this user to groups at once. The others invite.';
comment on column chat.profiles.found_by is
  'Who finds and reads this profile: everyone, contacts, or nobody. People of a room that both are in always read it.';
comment on column chat.profiles.status_seen_by is
  'Who sees whether this user is online, and when they were last seen: everyone, contacts and people of common rooms, or nobody.';
comment on column chat.profiles.number is 'The integer id that REST clients see.';

-- Usernames must differ in more than case and accents, and must not look alike. Logins and lookups use these, too.
create unique index profiles_username_key on chat.profiles (chat_private.fold(username));
create unique index profiles_username_look_key on chat.profiles (chat_private.look(username));

alter table chat.profiles enable row level security;
revoke all on chat.profiles from anon, authenticated;
grant select, update (
    username, first_name, last_name, bio, avatar_url, show_email, share_receipts, direct_from, added_by, found_by, status_seen_by
  )
  on chat.profiles to authenticated;
-- No insert and no delete: a profile is created and deleted with its account.

-- Definer: reads without row-level security, as policies of other tables may read profiles. Called for one profile at a time, and only
-- for those that not everyone finds: the contacts of the caller may be many, and the profiles that a query reads are few.
create function chat_private.finds(person_id uuid, found_by chat.who_finds)
returns boolean
language plpgsql stable security definer cost 1000 set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
begin
  return person_id = me
    or exists (
      select from chat.room_members as mine
      join chat.room_members as theirs on theirs.room_id = mine.room_id and theirs.user_id = person_id
      where mine.user_id = me
    )
    or found_by = 'contacts' and exists (
      select from chat.friendships as friendships where friendships.user_id = person_id and friendships.friend_id = me
    )
    -- Whom the caller has dealings with, and must be able to name.
    or exists (select from chat.blocks as blocks where blocks.user_id = me and blocks.blocked_id = person_id)
    or exists (select from chat.invitations as invitations where invitations.user_id = me and invitations.invited_by = person_id)
    or exists (
      select from (
        select requests.room_id from chat.join_requests as requests where requests.user_id = person_id
        union all
        select bans.room_id from chat.room_bans as bans where bans.user_id = person_id
      ) as dealings
      join chat.room_members as mine on mine.room_id = dealings.room_id and mine.user_id = me and mine.role >= 'admin'
    )
    or chat_private.is_moderator();
end;
$$;
comment on function chat_private.finds is
  'Whether the caller finds and reads a profile that not everyone finds: their own, that of a contact, or of somebody in a room of '
  'theirs. Moderators find everyone.';
grant execute on function chat_private.finds to authenticated;

-- The condition on the setting comes first: nearly all profiles ask nothing more.
create policy "people can read profiles that they find"
  on chat.profiles for select to authenticated
  using ((select chat_private.require_modest_query()) and (found_by = 'everyone' or chat_private.finds(id, found_by)));

create policy "people can update their own profile"
  on chat.profiles for update to authenticated
  using ((select chat_private.require_access()) and id = (select auth.uid()))
  with check (id = (select auth.uid()));

create function chat_private.profile_changing()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.take_tokens('change_profile');
  return new;
end;
$$;

create trigger profile_changing
  before update on chat.profiles
  -- Not for what follows from another change, as when an address is proven.
  for each row when (current_user = 'authenticated' and old.* is distinct from new.*)
  execute function chat_private.profile_changing();

-- Granted to no role: the addresses come from auth.users, which clients cannot read.
create view chat_private.shown_addresses as
select users.id, case
    when users.email is null or users.email like '%.invalid' then ''
    when profiles.show_email or profiles.id = (select auth.uid()) then users.email::text
    else ''
  end as email
from auth.users as users
join chat.profiles as profiles on profiles.id = users.id;
comment on view chat_private.shown_addresses is 'The email address of each user, empty if the caller may not see it.';
revoke all on chat_private.shown_addresses from anon, authenticated;

-- Definer: clients cannot read the view. plpgsql keeps its plan if a query calls it for each row.
create function chat_private.shown_email(user_id uuid)
returns text
language plpgsql stable security definer set search_path = ''
as $$
begin
  return (select shown.email from chat_private.shown_addresses as shown where shown.id = user_id);
end;
$$;
grant execute on function chat_private.shown_email to authenticated, service_role;

-- Definer: as above.
create function chat_private.shown_emails(user_ids uuid[])
returns table (user_id uuid, email text)
language plpgsql stable security definer rows 20 set search_path = ''
as $$
begin
  return query select shown.id, shown.email from chat_private.shown_addresses as shown where shown.id = any (user_ids);
end;
$$;
comment on function chat_private.shown_emails is 'The email addresses of many users in one call.';

grant execute on function chat_private.shown_emails to authenticated;

create function chat.email(profile chat.profiles)
returns text
language sql stable security invoker set search_path = ''
as $$
  select chat_private.shown_email(profile.id);
$$;
comment on function chat.email is
  'The email address, if it is the caller''s own or its user shows it; otherwise empty. A computed column of profiles.';
grant execute on function chat.email to authenticated, service_role;
