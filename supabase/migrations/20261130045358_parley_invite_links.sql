-- invite_links: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create table "chat"."invite_links" (
  "id"         bigint                   generated always as identity not null,
  "room_id"    bigint                   not null,
  "role"       chat.member_role         not null default 'member'::chat.member_role,
  "expires_at" timestamp with time zone,
  "max_uses"   integer,
  "uses"       integer                  not null default 0,
  "created_by" uuid,
  "created_at" timestamp with time zone not null default now(),
  "revoked_at" timestamp with time zone,
  constraint "invite_links_expires_at_check" check ((expires_at > created_at)),
  constraint "invite_links_max_uses_check" check (((max_uses >= 1) AND (max_uses <= 100000))),
  constraint "invite_links_pkey" primary key (id),
  constraint "invite_links_role_check" check ((role < 'owner'::chat.member_role)),
  constraint "invite_links_uses_check" check (((uses >= 0) AND (uses <= max_uses)))
);

alter table "chat"."invite_links"
  enable row level security;

create table "chat_private"."invite_tokens" (
  "hash"    bytea  not null,
  "link_id" bigint not null,
  constraint "invite_tokens_link_id_key" unique (link_id),
  constraint "invite_tokens_pkey" primary key (hash)
);

alter table "chat_private"."invite_tokens"
  enable row level security;

create or replace function chat.create_invite_link (
  room_id    bigint,
  role       chat.member_role         default 'member'::chat.member_role,
  expires_at timestamp with time zone default null::timestamp with time zone,
  max_uses   integer                  default null::integer
)
  returns jsonb
  language sql
  set search_path to ''
  AS $function$
  select chat_private.create_invite_link(room_id, role, expires_at, max_uses);
$function$;

create or replace function chat.invite_link_preview (
  token text
)
  returns table (
    name         text,
    avatar_url   text,
    member_count integer
  )
  language sql
  stable
  rows 1
  set search_path to ''
  AS $function$
  select * from chat_private.invite_link_preview(token);
$function$;

create or replace function chat.join_by_link (
  token text
)
  returns chat.room_members
  language sql
  set search_path to ''
  AS $function$
  select * from chat_private.join_by_link(token);
$function$;

create or replace function chat.revoke_invite_link (
  link_id bigint
)
  returns chat.invite_links
  language sql
  set search_path to ''
  AS $function$
  select * from chat_private.revoke_invite_link(link_id);
$function$;

create or replace function chat_private.add_members (
  room_id  bigint,
  user_ids uuid[]
)
  returns SETOF chat.room_members
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
begin
  perform chat_private.take_tokens('add_member', coalesce(cardinality(user_ids), 0));
  room := chat_private.lock_room(room_id);
  perform chat_private.require_group(room);
  perform chat_private.require_role(room.id, chat_private.inviting_role(room));
  return query select * from chat_private.insert_members(room.id, user_ids);
end;
$function$;

create or replace function chat_private.create_invite_link (
  room_id    bigint,
  role       chat.member_role,
  expires_at timestamp with time zone,
  max_uses   integer
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  most constant integer := 100;
  -- 122 random bits, which a URL holds as they are.
  token constant text := translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/=', '-_');
  room chat.rooms;
  link chat.invite_links;
begin
  if role is null or role = 'owner' then
    raise sqlstate 'PT400' using message = 'invalid_role', detail = 'A link makes members or admins.';
  end if;
  perform chat_private.take_tokens('create_invite_link');
  room := chat_private.lock_room(create_invite_link.room_id);
  perform chat_private.require_group(room);
  perform chat_private.require_role(room.id, chat_private.inviting_role(room, create_invite_link.role));
  if (select count(*) from chat.invite_links as links where links.room_id = room.id) >= most then
    delete from chat.invite_links as links where links.id = (
      select old.id from chat.invite_links as old where old.room_id = room.id and not chat_private.is_open(old) order by old.id limit 1
    );
    if not found then
      raise sqlstate 'PT409' using message = 'too_many_invite_links', detail = format('A group has at most %s links: revoke one.', most);
    end if;
  end if;

  insert into chat.invite_links (room_id, role, expires_at, max_uses, created_by)
  values (room.id, create_invite_link.role, create_invite_link.expires_at, create_invite_link.max_uses, auth.uid())
  returning * into link;
  insert into chat_private.invite_tokens (hash, link_id) values (chat_private.invite_hash(token), link.id);
  return to_jsonb(link) || jsonb_build_object('token', token);
end;
$function$;

create or replace function chat_private.find_invite_link (
  token text
)
  returns chat.invite_links
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  link chat.invite_links;
begin
  select links.* into link from chat_private.invite_tokens as tokens
  join chat.invite_links as links on links.id = tokens.link_id
  where tokens.hash = chat_private.invite_hash(find_invite_link.token);
  return link;
end;
$function$;

create or replace function chat_private.invite_hash (
  token text
)
  returns bytea
  language sql
  immutable
  set search_path to ''
  AS $function$
  select sha256(convert_to(token, 'UTF8'));
$function$;

create or replace function chat_private.invite_link_preview (
  token text
)
  returns table (
    name         text,
    avatar_url   text,
    member_count integer
  )
  language plpgsql
  stable
  security definer
  rows 1
  set search_path to ''
  AS $function$
declare
  link constant chat.invite_links := chat_private.find_invite_link(token);
begin
  if link.id is null or not chat_private.is_open(link) then
    perform chat_private.refuse_invite();
  end if;
  return query select rooms.name, rooms.avatar_url, rooms.member_count from chat.rooms as rooms where rooms.id = link.room_id;
end;
$function$;

create or replace function chat_private.inviting_role (
  room chat.rooms,
  role chat.member_role default 'member'::chat.member_role
)
  returns chat.member_role
  language sql
  immutable
  set search_path to ''
  AS $function$
  select case when role = 'member' then case room.inviting when 'admins' then 'admin' else 'member' end else 'owner' end::chat.member_role;
$function$;

create or replace function chat_private.is_open (
  link chat.invite_links
)
  returns boolean
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return link.revoked_at is null
    and (link.expires_at is null or link.expires_at > now())
    and (link.max_uses is null or link.uses < link.max_uses)
    and (link.created_by is null or exists (
      select from chat.room_members as members
      join chat.rooms as rooms on rooms.id = members.room_id
      where members.room_id = link.room_id and members.user_id = link.created_by
        and members.role >= chat_private.inviting_role(rooms, link.role)
    ));
end;
$function$;

create or replace function chat_private.join_by_link (
  token text
)
  returns chat.room_members
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  link chat.invite_links := chat_private.find_invite_link(token);
  room chat.rooms;
  member chat.room_members;
begin
  perform chat_private.require_caller();
  perform chat_private.require_people(array[auth.uid()]);
  if link.id is null then
    perform chat_private.refuse_invite();
  end if;
  perform chat_private.take_turn(link.room_id);
  select * into room from chat.rooms as rooms where rooms.id = link.room_id and rooms.deleted_at is null for no key update;
  select * into member from chat.room_members as members where members.room_id = room.id and members.user_id = auth.uid();
  if found then
    return member;
  end if;
  -- Reads it again: others may have joined during the wait.
  select * into link from chat.invite_links as links where links.id = link.id;
  if not coalesce(chat_private.is_open(link), false) then
    perform chat_private.refuse_invite();
  elsif link.created_by is not null then
    perform chat_private.require_unblocked(chat_private.direct_key(link.created_by, auth.uid()));
  end if;
  perform chat_private.count_join(room.id);

  update chat.invite_links as links set uses = links.uses + 1 where links.id = link.id;
  insert into chat.room_members (room_id, user_id, role)
  values (room.id, auth.uid(), case when room.member_count = 0 then 'owner' else link.role end)
  returning * into member;
  return member;
end;
$function$;

create or replace function chat_private.my_inviting_room_ids()
  returns SETOF bigint
  language plpgsql
  stable
  security definer
  rows 20
  set search_path to ''
  AS $function$
begin
  return query
    select rooms.id from chat.room_members as members
    join chat.rooms as rooms on rooms.id = members.room_id
    where members.user_id = (select auth.uid()) and rooms.kind = 'group' and members.role >= chat_private.inviting_role(rooms);
end;
$function$;

create or replace function chat_private.refuse_invite()
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  raise sqlstate 'PT404' using message = 'invite_not_found', detail = 'There is no such invite, or it no longer works.';
end;
$function$;

create or replace function chat_private.revoke_invite_link (
  link_id bigint
)
  returns chat.invite_links
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  link chat.invite_links;
begin
  update chat.invite_links as links
  set revoked_at = coalesce(links.revoked_at, now())
  where links.id = revoke_invite_link.link_id and (
    links.room_id in (select chat_private.my_room_ids('admin'))
    or links.created_by = auth.uid() and links.room_id in (select chat_private.my_inviting_room_ids())
    or chat_private.is_backend()
  )
  returning * into link;
  if not found then
    if exists (
      select from chat.invite_links as links
      where links.id = revoke_invite_link.link_id and links.room_id in (select chat_private.my_inviting_room_ids())
    ) then
      raise sqlstate 'PT403' using message = 'role_required', detail = 'Only an admin may revoke a link of somebody else.';
    end if;
    perform chat_private.refuse_invite();
  end if;
  return link;
end;
$function$;

alter table "chat"."invite_links"
  add constraint "invite_links_created_by_fkey" foreign key (created_by) references chat.profiles(id) on delete cascade;

alter table "chat"."invite_links"
  add constraint "invite_links_room_id_fkey" foreign key (room_id) references chat.rooms(id) on delete cascade;

alter table "chat_private"."invite_tokens"
  add constraint "invite_tokens_link_id_fkey" foreign key (link_id) references chat.invite_links(id) on delete cascade;

create index invite_links_created_by_idx on chat.invite_links using btree (created_by);

create index invite_links_room_id_idx on chat.invite_links using btree (room_id, id);

create policy "people can read the links of groups to which they may add peopl" on "chat"."invite_links"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND (room_id in ( select
    chat_private.my_inviting_room_ids() as my_inviting_room_ids))));

comment on column "chat"."invite_links"."expires_at" is 'Until when it admits people; null if there is no end.';

comment on column "chat"."invite_links"."max_uses" is 'How many people it admits; null if there is no limit.';

comment on column "chat"."invite_links"."role" is 'What they become who join by it: members, or admins.';

comment on column "chat"."invite_links"."uses" is 'How many people have joined by it.';

comment on function "chat"."create_invite_link"(bigint, chat.member_role, timestamp
  with time zone, integer) is 'Makes a link by which people join a group, as somebody who may add people; only the owner makes one for admins. It admits up to max_uses people until expires_at, and as long as its user could make it. Returns its row and the token, which is shown once. Raises room_not_found, not_a_member, role_required, direct_room_fixed, invalid_role, too_many_invite_links, rate_limited.';

comment on function "chat"."invite_link_preview"(text) is 'What who has a link may know of its group before joining: the name, the picture and the number of members. Raises invite_not_found.';

comment on function "chat"."join_by_link"(text) is 'Joins a group by an invite link; for a member it does nothing, and takes no use. Raises invite_not_found, not_reachable, user_not_found, too_many_joins, caller_required.';

comment on function "chat"."revoke_invite_link"(bigint) is 'Ends an invite link, as its user or an admin of the group; does nothing for one that is revoked. Raises invite_not_found, role_required.';

comment on function "chat_private"."find_invite_link"(text) is 'The link of a token, whether it admits people or not; null if there is none.';

comment on function "chat_private"."is_open"(chat.invite_links) is 'Whether a link admits people: its user must be able to make the same link now. So nobody comes back by a link of their own.';

comment on function "chat_private"."my_inviting_room_ids"() is 'The groups to which the caller may add people.';

comment on function "chat_private"."refuse_invite"() is 'Raises invite_not_found: one that never was, is revoked, used up or over is the same to a stranger.';

comment on table "chat"."invite_links" is 'The links by which people can join a group.';

comment on table "chat_private"."invite_tokens" is 'The hash of the token of each invite link: the token itself is stored nowhere.';

revoke all
  on function "chat"."create_invite_link"(bigint, chat.member_role, timestamp with time zone, integer)
  from public;

grant execute
  on function "chat"."create_invite_link"(bigint, chat.member_role, timestamp with time zone, integer)
  to "authenticated", "service_role";

revoke all on function "chat"."invite_link_preview"(text) from public;

grant execute on function "chat"."invite_link_preview"(text) to "authenticated", "service_role";

revoke all on function "chat"."join_by_link"(text) from public;

grant execute on function "chat"."join_by_link"(text) to "authenticated", "service_role";

revoke all on function "chat"."revoke_invite_link"(bigint) from public;

grant execute on function "chat"."revoke_invite_link"(bigint) to "authenticated", "service_role";

revoke all
  on function "chat_private"."create_invite_link"(bigint, chat.member_role, timestamp with time zone, integer)
  from public;

grant execute
  on function "chat_private"."create_invite_link"(bigint, chat.member_role, timestamp with time zone, integer)
  to "authenticated", "service_role";

revoke all on function "chat_private"."find_invite_link"(text) from public;

revoke all on function "chat_private"."invite_hash"(text) from public;

revoke all on function "chat_private"."invite_link_preview"(text) from public;

grant execute on function "chat_private"."invite_link_preview"(text) to "authenticated", "service_role";

revoke all on function "chat_private"."inviting_role"(chat.rooms, chat.member_role) from public;

revoke all on function "chat_private"."is_open"(chat.invite_links) from public;

revoke all on function "chat_private"."join_by_link"(text) from public;

grant execute on function "chat_private"."join_by_link"(text) to "authenticated", "service_role";

revoke all on function "chat_private"."my_inviting_room_ids"() from public;

grant execute on function "chat_private"."my_inviting_room_ids"() to "authenticated", "service_role";

revoke all on function "chat_private"."refuse_invite"() from public;

revoke all on function "chat_private"."revoke_invite_link"(bigint) from public;

grant execute on function "chat_private"."revoke_invite_link"(bigint) to "authenticated", "service_role";

grant select on table "chat"."invite_links" to "authenticated";

grant delete, insert, select, update on table "chat"."invite_links" to "service_role";

insert into chat_private.limits (action, capacity, per_second) values ('create_invite_link', 200, 0.02);

-- sql/900_grants.sql
-- By default Postgres lets every role execute a new function. This revokes it; each function that clients may call has its
-- grant beside it.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- Policies for every role call these. A role without usage of the schema cannot call them by name.
grant execute on function
  chat_private.is_chat_topic, chat_private.is_my_topic, chat_private.is_chat_file, chat_private.is_my_upload,
  chat_private.may_read_file
  to public;

-- For backends with the secret key. Functions that need a signed-in user raise caller_required.
grant select, insert, update, delete on all tables in schema chat to service_role;
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
