-- invitations, 2 of 2: written by `npm run db:migration` from the difference of sql/, then read by a person.

set local lock_timeout = '5s';
set local check_function_bodies = off;

-- sql/015_default_grants.sql
-- A project may have default privileges that grant every new object to its clients. They are revoked while Parley is
-- installed or upgraded; 900_grants restores them. Each migration that adds objects repeats both files.
create table chat_private.default_grants as
select
  case defaults.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' else 'functions' end as objects,
  grants.privilege_type as privilege,
  case when grants.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(grants.grantee)) end as grantee,
  grants.is_grantable
from pg_default_acl as defaults, aclexplode(defaults.defaclacl) as grants
where defaults.defaclrole = (select oid from pg_roles where rolname = current_user)
  and defaults.defaclnamespace = 0
  and defaults.defaclobjtype in ('r', 'S', 'f')
  and grants.grantee <> defaults.defaclrole;
alter table chat_private.default_grants enable row level security;
do $$
declare
  given chat_private.default_grants;
begin
  for given in select * from chat_private.default_grants loop
    execute format('alter default privileges revoke %s on %s from %s', given.privilege, given.objects, given.grantee);
  end loop;
end;
$$;
revoke all on chat_private.default_grants from public, anon, authenticated, service_role;

create table "chat"."invitations" (
  "id"         bigint                   generated always as identity not null,
  "room_id"    bigint                   not null,
  "user_id"    uuid                     not null,
  "invited_by" uuid,
  "created_at" timestamp with time zone not null default now(),
  constraint "invitations_pkey" primary key (id),
  constraint "invitations_room_id_user_id_key" unique (room_id, user_id)
);

alter table "chat"."invitations"
  enable row level security;

create type "chat"."invitation_state" as enum (
  'pending',
  'ignored'
);

alter table "chat"."invitations"
  add column "state" chat.invitation_state not null default 'pending'::chat.invitation_state;

create or replace function chat.accept_invitation (
  room_id bigint
)
  returns chat.room_members
  language sql
  set search_path to ''
  AS $function$
  select * from chat_private.accept_invitation(room_id);
$function$;

create or replace function chat.decline_invitation (
  room_id bigint
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.decline_invitation(room_id);
$function$;

create or replace function chat.ignore_invitation (
  room_id bigint
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.ignore_invitation(room_id);
$function$;

create or replace function chat.invitation_list (
  before   bigint  default null::bigint,
  max_rows integer default 100
)
  returns table (
    id                  bigint,
    room_id             bigint,
    name                text,
    description         text,
    avatar_url          text,
    member_count        integer,
    invited_by          uuid,
    invited_by_username text,
    created_at          timestamp with time zone
  )
  language sql
  stable
  rows 20
  set search_path to ''
  AS $function$
  select * from chat_private.invitation_list(before, max_rows);
$function$;

create or replace function chat.room_invitations (
  room_id  bigint,
  before   bigint  default null::bigint,
  max_rows integer default 100
)
  returns table (
    id         bigint,
    user_id    uuid,
    username   text,
    invited_by uuid,
    created_at timestamp with time zone
  )
  language sql
  stable
  rows 20
  set search_path to ''
  AS $function$
  select * from chat_private.room_invitations(room_id, before, max_rows);
$function$;

create or replace function chat.withdraw_invitation (
  room_id bigint,
  user_id uuid
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.withdraw_invitation(room_id, user_id);
$function$;

create or replace function chat_private.accept_invitation (
  room_id bigint
)
  returns chat.room_members
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
  member chat.room_members;
begin
  perform chat_private.require_caller();
  perform chat_private.require_people(array[auth.uid()]);
  if exists (
    select from chat.invitations as invitations
    where invitations.room_id = accept_invitation.room_id and invitations.user_id = auth.uid()
  ) then
    perform chat_private.take_turn(accept_invitation.room_id);
    select * into room from chat.rooms as rooms where rooms.id = accept_invitation.room_id for no key update;
  end if;
  select * into member from chat.room_members as members
  where members.room_id = accept_invitation.room_id and members.user_id = auth.uid();
  if found then
    return member;
  elsif not exists (
    -- Looks again: it may have been withdrawn during the wait.
    select from chat.invitations as invitations where invitations.room_id = room.id and invitations.user_id = auth.uid()
  ) then
    perform chat_private.refuse_invite();
  end if;
  perform chat_private.count_join(room.id);
  insert into chat.room_members (room_id, user_id, role)
  values (room.id, auth.uid(), case when room.member_count = 0 then 'owner' else 'member' end::chat.member_role)
  returning * into member;
  return member;
end;
$function$;

create or replace function chat_private.admits (
  person chat.profiles,
  other  uuid
)
  returns boolean
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return not chat_private.is_blocked(chat_private.direct_key(person.id, other))
    and chat_private.is_among(person.direct_from, person.id, other);
end;
$function$;

create or replace function chat_private.blocked()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  direct_id bigint := (select id from chat.rooms where direct_key = chat_private.direct_key(new.user_id, new.blocked_id));
begin
  delete from chat.friendships
  where (user_id, friend_id) in ((new.user_id, new.blocked_id), (new.blocked_id, new.user_id));
  delete from chat.invitations
  where (user_id, invited_by) in ((new.user_id, new.blocked_id), (new.blocked_id, new.user_id));
  if direct_id is not null then
    -- Waits for a message that is being sent; the next one is refused. Both leave the live topic, which they may not join again.
    perform chat_private.take_turn(direct_id);
    perform from chat.rooms where id = direct_id for no key update;
    perform chat_private.move_topic(direct_id);
  end if;
  perform chat_private.announce('user:' || new.user_id, 'block.added', jsonb_build_object('user_id', new.blocked_id));
  return null;
end;
$function$;

create or replace function chat_private.decline_invitation (
  room_id bigint
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_caller();
  delete from chat.invitations as invitations
  where invitations.room_id = decline_invitation.room_id and invitations.user_id = auth.uid();
end;
$function$;

create or replace function chat_private.ignore_invitation (
  room_id bigint
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_caller();
  update chat.invitations as invitations set state = 'ignored'
  where invitations.room_id = ignore_invitation.room_id and invitations.user_id = auth.uid() and invitations.state = 'pending';
end;
$function$;

create or replace function chat_private.insert_members (
  room_id  bigint,
  user_ids uuid[]
)
  returns SETOF chat.room_members
  language plpgsql
  set search_path to ''
  AS $function$
declare
  invited uuid[];
begin
  if cardinality(user_ids) > 1000 or array_position(user_ids, null) is not null then
    raise sqlstate 'PT400' using message = 'invalid_members', detail = 'Give at most 1,000 user ids.';
  end if;
  perform chat_private.require_people(user_ids);
  perform chat_private.require_reachable(array(
    select id from unnest(user_ids) as id
    where not exists (
      select from chat.room_members as members where members.room_id = insert_members.room_id and members.user_id = id
    )
  ));
  -- A backend adds everyone.
  invited := array(
    select people.id from chat.profiles as people
    where people.id = any (user_ids) and people.added_by <> 'everyone' and people.id <> auth.uid()
      and not chat_private.is_among(people.added_by, people.id, auth.uid())
      and not exists (
        select from chat.room_members as members where members.room_id = insert_members.room_id and members.user_id = people.id
      )
  );
  if invited <> '{}' then
    perform chat_private.invite(insert_members.room_id, invited);
  end if;

  return query
    insert into chat.room_members (room_id, user_id)
    select distinct insert_members.room_id, id from unnest(user_ids) as id
    where id <> all (invited)
    on conflict do nothing
    returning *;
end;
$function$;

create or replace function chat_private.invitation_added()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.announce('user:' || new.user_id, 'invitation.added', chat_private.invitation_payload(new));
  return null;
end;
$function$;

create or replace function chat_private.invitation_ended()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.announce('user:' || old.user_id, 'invitation.removed', jsonb_build_object('room_id', old.room_id));
  return null;
end;
$function$;

create or replace function chat_private.invitation_ignored()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.announce('user:' || new.user_id, 'invitation.removed', jsonb_build_object('room_id', new.room_id));
  return null;
end;
$function$;

create or replace function chat_private.invitation_list (
  before   bigint,
  max_rows integer
)
  returns table (
    id                  bigint,
    room_id             bigint,
    name                text,
    description         text,
    avatar_url          text,
    member_count        integer,
    invited_by          uuid,
    invited_by_username text,
    created_at          timestamp with time zone
  )
  language plpgsql
  stable
  security definer
  rows 20
  set search_path to ''
  AS $function$
#variable_conflict use_column
begin
  perform chat_private.require_caller();
  return query
    select invitations.id, rooms.id, rooms.name, rooms.description, rooms.avatar_url, rooms.member_count,
      people.id, people.username, invitations.created_at
    from chat.invitations as invitations
    join chat.rooms as rooms on rooms.id = invitations.room_id
    left join chat.profiles as people on people.id = invitations.invited_by
    where invitations.user_id = auth.uid() and invitations.state = 'pending'
      and (invitation_list.before is null or invitations.id < invitation_list.before)
    order by invitations.id desc
    limit least(greatest(coalesce(max_rows, 100), 1), 1000);
end;
$function$;

create or replace function chat_private.invitation_payload (
  invitation chat.invitations
)
  returns jsonb
  language sql
  stable
  set search_path to ''
  AS $function$
  select jsonb_build_object(
    'id', invitation.id, 'room_id', invitation.room_id, 'room_name', rooms.name, 'invited_by', invitation.invited_by,
    'invited_by_username', people.username, 'created_at', invitation.created_at
  )
  from chat.rooms as rooms
  left join chat.profiles as people on people.id = invitation.invited_by
  where rooms.id = invitation.room_id;
$function$;

create or replace function chat_private.invite (
  room_id  bigint,
  user_ids uuid[]
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 1000;
begin
  perform chat_private.require_unbanned(invite.room_id, id) from unnest(user_ids) as id;
  insert into chat.invitations (room_id, user_id, invited_by)
  select distinct invite.room_id, id, auth.uid() from unnest(user_ids) as id
  on conflict do nothing;
  if (select count(*) from chat.invitations as invitations where invitations.room_id = invite.room_id) > most then
    raise sqlstate 'PT409' using message = 'too_many_invitations', detail = format('A group has at most %s open invitations.', most);
  end if;
end;
$function$;

create or replace function chat_private.invited_person_joined()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  delete from chat.invitations as invitations
  where invitations.room_id = new.room_id and invitations.user_id = new.user_id;
  return null;
end;
$function$;

create or replace function chat_private.is_among (
  people    chat.who_reaches,
  person_id uuid,
  other     uuid
)
  returns boolean
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if people in ('everyone', 'nobody') then
    return people = 'everyone';
  end if;
  return exists (
    select from chat.friendships as friendships where friendships.user_id = person_id and friendships.friend_id = other
  ) or people = 'shared_rooms' and exists (
    select from chat.room_members as own
    join chat.room_members as theirs on theirs.room_id = own.room_id and theirs.user_id = other
    -- Anybody can join a public group.
    join chat.rooms as rooms on rooms.id = own.room_id and rooms.kind = 'group' and not rooms.is_public
    where own.user_id = person_id
  );
end;
$function$;

create or replace function chat_private.room_invitations (
  room_id  bigint,
  before   bigint,
  max_rows integer
)
  returns table (
    id         bigint,
    user_id    uuid,
    username   text,
    invited_by uuid,
    created_at timestamp with time zone
  )
  language plpgsql
  stable
  security definer
  rows 20
  set search_path to ''
  AS $function$
#variable_conflict use_column
declare
  room chat.rooms;
begin
  perform chat_private.require_role(room_invitations.room_id);
  select * into room from chat.rooms as rooms where rooms.id = room_invitations.room_id;
  perform chat_private.require_role(room.id, chat_private.inviting_role(room));
  return query
    select invitations.id, people.id, people.username, invitations.invited_by, invitations.created_at
    from chat.invitations as invitations
    join chat.profiles as people on people.id = invitations.user_id
    where invitations.room_id = room.id and (room_invitations.before is null or invitations.id < room_invitations.before)
    order by invitations.id desc
    limit least(greatest(coalesce(max_rows, 100), 1), 1000);
end;
$function$;

create or replace function chat_private.withdraw_invitation (
  room_id bigint,
  user_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  own_role constant chat.member_role := chat_private.require_role(withdraw_invitation.room_id);
  invitation chat.invitations;
begin
  select * into invitation from chat.invitations as invitations
  where invitations.room_id = withdraw_invitation.room_id and invitations.user_id = withdraw_invitation.user_id;
  if own_role < 'admin' and (invitation.invited_by is distinct from auth.uid()) then
    raise sqlstate 'PT403' using message = 'role_required', detail = 'Only an admin may withdraw an invitation by somebody else.';
  end if;
  delete from chat.invitations as invitations where invitations.id = invitation.id;
end;
$function$;

alter table "chat"."invitations"
  add constraint "invitations_invited_by_fkey" foreign key (invited_by) references chat.profiles(id) on delete set null;

alter table "chat"."invitations"
  add constraint "invitations_room_id_fkey" foreign key (room_id) references chat.rooms(id) on delete cascade;

alter table "chat"."invitations"
  add constraint "invitations_user_id_fkey" foreign key (user_id) references chat.profiles(id) on delete cascade;

create index invitations_invited_by_idx on chat.invitations using btree (invited_by);

create index invitations_room_id_idx on chat.invitations using btree (room_id, id);

create index invitations_user_id_idx on chat.invitations using btree (user_id, id);

create trigger invitation_added
  after insert on chat.invitations
  for each row
  execute function chat_private.invitation_added();

create trigger invitation_ended
  after delete on chat.invitations
  for each row
  when ((old.state = 'pending'::chat.invitation_state))
  execute function chat_private.invitation_ended();

create trigger invitation_ignored
  after update of state on chat.invitations
  for each row
  when (((old.state = 'pending'::chat.invitation_state) AND (new.state <> 'pending'::chat.invitation_state)))
  execute function chat_private.invitation_ignored();

create trigger invited_person_joined
  after insert on chat.room_members
  for each row
  execute function chat_private.invited_person_joined();

create policy "people can read their own invitations" on "chat"."invitations"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND (user_id = ( select auth.uid() as
    uid))));

comment on column "chat"."invitations"."state" is 'Whether the user ignores it: then no other one comes from this group. Only the user can know; for the group it stays pending.';

comment on column "chat"."profiles"."added_by" is 'Of those whom direct_from admits: who adds this user to groups at once. The others invite.';

comment on function "chat"."accept_invitation"(bigint) is 'Joins a group to which the caller is invited, also if they have ignored it; does nothing for a member. Raises invite_not_found, banned, user_not_found, too_many_joins, caller_required.';

comment on function "chat"."add_members"(bigint, uuid[]) is 'Adds users to a group, as its owner or an admin, or as a member where inviting is for everyone; returns the new members. Users whose added_by does not admit the caller are invited instead. Raises room_not_found, not_a_member, role_required, direct_room_fixed, invalid_members, user_not_found, not_reachable, banned, too_many_invitations, rate_limited.';

comment on function "chat"."create_group_room"(text, uuid[], boolean, text, text, uuid) is 'Creates a group with up to 1,000 first members, of whom those are invited instead whose added_by does not admit the caller. The caller owns it; if a backend creates it, its first member does. A retry with the same client_id returns the first group. Raises invalid_members, user_not_found, not_reachable, client_id_reused, rate_limited, and room_not_found if the first group was deleted.';

comment on function "chat"."decline_invitation"(bigint) is 'Removes an invitation of the caller, who may be invited again; does nothing where there is none. Raises caller_required.';

comment on function "chat"."ignore_invitation"(bigint) is 'Hides an invitation of the caller, and every further one of this group; nobody learns of it. Raises caller_required.';

comment on function "chat"."invitation_list"(bigint, integer) is 'The invitations that the caller has neither answered nor ignored, newest first, with what may be known of their groups. Raises caller_required.';

comment on function "chat"."room_invitations"(bigint, bigint, integer) is 'Who is invited to a group and has not joined, newest first, for those who may add people. Raises room_not_found, not_a_member, role_required.';

comment on function "chat"."withdraw_invitation"(bigint, uuid) is 'Removes an invitation, as an admin or as the member who made it; does nothing for an admin where there is none. Raises room_not_found, not_a_member, role_required.';

comment on function "chat_private"."admits"(chat.profiles, uuid) is 'Whether another user may open a direct chat with a person, and add them to groups or invite them.';

comment on function "chat_private"."invite"(bigint, uuid[]) is 'Invites users to a room that is locked; who is invited already stays so. Raises banned, too_many_invitations.';

comment on function "chat_private"."is_among"(chat.who_reaches, uuid, uuid) is 'Whether another user is among those whom a setting of a person admits.';

comment on table "chat"."invitations" is 'Who is invited to which group, until they join or decline.';

revoke all on function "chat"."accept_invitation"(bigint) from public;

grant execute on function "chat"."accept_invitation"(bigint) to "authenticated", "service_role";

revoke all on function "chat"."decline_invitation"(bigint) from public;

grant execute on function "chat"."decline_invitation"(bigint) to "authenticated", "service_role";

revoke all on function "chat"."ignore_invitation"(bigint) from public;

grant execute on function "chat"."ignore_invitation"(bigint) to "authenticated", "service_role";

revoke all on function "chat"."invitation_list"(bigint, integer) from public;

grant execute on function "chat"."invitation_list"(bigint, integer) to "authenticated", "service_role";

revoke all on function "chat"."room_invitations"(bigint, bigint, integer) from public;

grant execute on function "chat"."room_invitations"(bigint, bigint, integer) to "authenticated", "service_role";

revoke all on function "chat"."withdraw_invitation"(bigint, uuid) from public;

grant execute on function "chat"."withdraw_invitation"(bigint, uuid) to "authenticated", "service_role";

revoke all on function "chat_private"."accept_invitation"(bigint) from public;

grant execute on function "chat_private"."accept_invitation"(bigint) to "authenticated", "service_role";

revoke all on function "chat_private"."decline_invitation"(bigint) from public;

grant execute on function "chat_private"."decline_invitation"(bigint) to "authenticated", "service_role";

revoke all on function "chat_private"."ignore_invitation"(bigint) from public;

grant execute on function "chat_private"."ignore_invitation"(bigint) to "authenticated", "service_role";

revoke all on function "chat_private"."invitation_added"() from public;

revoke all on function "chat_private"."invitation_ended"() from public;

revoke all on function "chat_private"."invitation_ignored"() from public;

revoke all on function "chat_private"."invitation_list"(bigint, integer) from public;

grant execute on function "chat_private"."invitation_list"(bigint, integer) to "authenticated", "service_role";

revoke all on function "chat_private"."invitation_payload"(chat.invitations) from public;

revoke all on function "chat_private"."invite"(bigint, uuid[]) from public;

revoke all on function "chat_private"."invited_person_joined"() from public;

revoke all on function "chat_private"."is_among"(chat.who_reaches, uuid, uuid) from public;

revoke all on function "chat_private"."room_invitations"(bigint, bigint, integer) from public;

grant execute on function "chat_private"."room_invitations"(bigint, bigint, integer) to "authenticated", "service_role";

revoke all on function "chat_private"."withdraw_invitation"(bigint, uuid) from public;

grant execute on function "chat_private"."withdraw_invitation"(bigint, uuid) to "authenticated", "service_role";

grant select on table "chat"."invitations" to "authenticated";

grant delete, insert, select, update on table "chat"."invitations" to "service_role";

revoke all ("added_by") on table "chat"."profiles" from "authenticated";

grant update ("added_by") on table "chat"."profiles" to "authenticated";

-- sql/900_grants.sql
-- By default Postgres lets every role execute a new function. This revokes it; each function that clients may call has its
-- grant beside it.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- Policies for every role call these. A role without usage of the schema cannot call them by name.
grant execute on function
  chat_private.is_chat_topic, chat_private.is_my_topic, chat_private.is_chat_file, chat_private.is_my_upload,
  chat_private.may_read_file, chat_private.has_access
  to public;

-- For backends with the secret key. Functions that need a signed-in user raise caller_required.
grant select, insert, update, delete on all tables in schema chat to service_role;
-- The audit log only grows.
revoke insert, update, delete, truncate on chat.audit_log from service_role;
grant execute on all functions in schema chat to service_role;
-- The helpers that these functions call as their caller.
do $$
declare
  helper regprocedure;
begin
  for helper in
    select oid from pg_catalog.pg_proc
    where pronamespace = 'chat_private'::regnamespace and has_function_privilege('authenticated', oid, 'execute')
  loop
    execute format('grant execute on function %s to service_role', helper);
  end loop;
end;
$$;

-- Restores the project's default privileges, which 015_default_grants has revoked.
do $$
declare
  given chat_private.default_grants;
begin
  for given in select * from chat_private.default_grants loop
    execute format(
      'alter default privileges grant %s on %s to %s%s',
      given.privilege, given.objects, given.grantee, case when given.is_grantable then ' with grant option' end
    );
  end loop;
  drop table chat_private.default_grants;
end;
$$;
