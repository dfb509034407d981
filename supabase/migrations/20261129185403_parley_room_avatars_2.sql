-- room_avatars, 2 of 3: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop trigger "room_changed" on "chat"."rooms";

drop trigger "room_changing" on "chat"."rooms";

drop function "chat"."find_rooms"(text, integer);

drop function "chat"."room_list"(boolean, bigint, integer, bigint);

drop function "chat"."update_room"(bigint, text, text, boolean);

drop function "chat_private"."my_room_page"(bigint, bigint, integer);

create or replace function chat.find_rooms (
  query    text,
  max_rows integer default 20
)
  returns table (
    id           bigint,
    kind         chat.room_kind,
    title        text,
    description  text,
    member_count integer,
    avatar_url   text,
    other_member jsonb
  )
  language plpgsql
  stable
  rows 20
  set search_path to ''
  AS $function$
#variable_conflict use_column
declare
  wanted text;
begin
  perform chat_private.require_caller();
  wanted := chat_private.require_query(query);
  return query
  select rooms.id, rooms.kind, coalesce(nullif(rooms.name, ''), others.username, ''), rooms.description,
    rooms.member_count, rooms.avatar_url,
    case when others.id is not null then
      jsonb_build_object('user_id', others.id, 'number', others.number, 'username', others.username)
    end
  from chat.room_members as members
  join chat.rooms as rooms on rooms.id = members.room_id
  left join lateral (
    select profiles.*
    from chat.room_members as both_members
    join chat.profiles as profiles on profiles.id = both_members.user_id
    where rooms.kind = 'direct' and both_members.room_id = rooms.id and both_members.user_id <> (select auth.uid())
  ) as others on true
  where members.user_id = (select auth.uid())
    and (
      position(wanted in chat_private.fold(rooms.name)) > 0
      or position(wanted in chat_private.fold(others.username)) > 0
      or position(wanted in chat_private.fold(others.first_name || ' ' || others.last_name)) > 0
    )
  order by coalesce(rooms.last_message_at, rooms.created_at) desc, rooms.id desc
  limit least(greatest(coalesce(max_rows, 20), 1), 100);
end;
$function$;

create or replace function chat.room_list (
  archived       boolean default null::boolean,
  before_room_id bigint  default null::bigint,
  max_rows       integer default 100,
  only_room_id   bigint  default null::bigint
)
  returns table (
    id              bigint,
    kind            chat.room_kind,
    slug            text,
    name            text,
    description     text,
    is_public       boolean,
    avatar_url      text,
    created_by      uuid,
    last_seq        bigint,
    version         bigint,
    topic           text,
    member_count    integer,
    members_version bigint,
    created_at      timestamp with time zone,
    active_at       timestamp with time zone,
    role            chat.member_role,
    last_read_seq   bigint,
    archived_at     timestamp with time zone,
    muted_until     timestamp with time zone,
    unread_count    bigint,
    last_message    jsonb,
    other_member    jsonb,
    has_more        boolean
  )
  language plpgsql
  stable
  rows 100
  set search_path to ''
  AS $function$
#variable_conflict use_column
begin
  perform chat_private.require_caller();
  -- For a caller who has left the room where the last page ended, an empty page would look like the end of the list.
  if before_room_id is not null then
    perform chat_private.require_role(before_room_id);
  end if;
  return query
  with mine as (
    select rooms.*, coalesce(rooms.last_message_at, rooms.created_at) as active_at,
      members.role, members.archived_at, members.muted_until,
      case
        when members.shares_receipts then members.last_read_seq else (chat_private.my_marks(members)).last_read_seq
      end as last_read_seq
    from chat.room_members as members
    join chat.rooms as rooms on rooms.id = members.room_id
    where members.user_id = (select auth.uid())
      and (room_list.archived is null or room_list.archived = (members.archived_at is not null))
      and (only_room_id is null or rooms.id = only_room_id)
  ),
  wanted as (
    select mine.*, least(greatest(coalesce(max_rows, 100), 1), 1000) as page_size
    from mine
    where before_room_id is null
      or (mine.active_at, mine.id) < (
        select coalesce(cursor.last_message_at, cursor.created_at), cursor.id from chat.rooms as cursor where cursor.id = before_room_id
      )
    order by mine.active_at desc, mine.id desc
    -- One extra row shows whether there are more.
    limit least(greatest(coalesce(max_rows, 100), 1), 1000) + 1
  ),
  sized as (
    select wanted.*, row_number() over page_order as place, count(*) over () as found,
      sum(500 + octet_length(wanted.description) + coalesce(chat_private.message_bytes(messages), 0)) over page_order
        - coalesce(chat_private.message_bytes(messages), 0) as bytes_before
    from wanted
    left join chat.messages as messages on messages.id = wanted.last_message_id
    window page_order as (order by wanted.active_at desc, wanted.id desc)
  ),
  page as materialized (
    select sized.*, count(*) over () < sized.found as has_more
    from sized
    where sized.place <= sized.page_size and (sized.place = 1 or sized.bytes_before < chat_private.page_bytes())
  )
  select
    page.id, page.kind, page.slug, page.name, page.description, page.is_public, page.avatar_url, page.created_by,
    page.last_seq, page.version, page.topic, page.member_count, page.members_version, page.created_at, page.active_at,
    page.role, page.last_read_seq, page.archived_at, page.muted_until,
    unread.unread_count,
    case when messages.id is not null then chat_private.message_payload(messages) -> 'message' end,
    (
      select jsonb_build_object('user_id', profiles.id, 'number', profiles.number, 'username', profiles.username)
      from chat.room_members as others
      join chat.profiles as profiles on profiles.id = others.user_id
      where page.kind = 'direct' and others.room_id = page.id and others.user_id <> (select auth.uid())
    ),
    page.has_more
  from page
  join chat_private.my_unread_counts(array(select page.id from page)) as unread on unread.room_id = page.id
  left join chat.messages as messages on messages.id = page.last_message_id
  order by page.active_at desc, page.id desc;
end;
$function$;

create or replace function chat.update_room (
  room_id     bigint,
  name        text    default null::text,
  description text    default null::text,
  is_public   boolean default null::boolean,
  avatar_url  text    default null::text
)
  returns chat.rooms
  language plpgsql
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
begin
  update chat.rooms as rooms
  set name = coalesce(update_room.name, rooms.name),
    description = coalesce(update_room.description, rooms.description),
    is_public = coalesce(update_room.is_public, rooms.is_public),
    avatar_url = nullif(coalesce(update_room.avatar_url, rooms.avatar_url), '')
  where rooms.id = update_room.room_id
  returning rooms.* into room;
  if not found then
    -- The policy of rooms has refused the update; this raises the reason.
    perform chat_private.require_role(update_room.room_id, 'admin');
  end if;
  return room;
end;
$function$;

create or replace function chat_private.my_room_folders()
  returns SETOF text
  language sql
  stable
  set search_path to ''
  AS $function$
  select room_id::text from chat_private.my_room_ids('admin') as room_id;
$function$;

create or replace function chat_private.my_room_page (
  only_room_id   bigint,
  before_room_id bigint,
  max_rows       integer
)
  returns table (
    id           bigint,
    kind         chat.room_kind,
    slug         text,
    name         text,
    description  text,
    avatar_url   text,
    last_seq     bigint,
    version      bigint,
    created_at   timestamp with time zone,
    own_number   bigint,
    member_count integer,
    members      json,
    unread_count bigint,
    last_read_id bigint,
    last_id      bigint,
    last_text    text,
    last_at      timestamp with time zone,
    place        bigint,
    selected     bigint
  )
  language plpgsql
  security definer
  rows 20
  set search_path to ''
  AS $function$
#variable_conflict use_column
begin
  return query
  with recent as (
    select rooms.*, coalesce(rooms.last_message_at, rooms.created_at) as active_at, mine
    from chat.room_members as mine
    join chat.rooms as rooms on rooms.id = mine.room_id
    where mine.user_id = (select auth.uid())
      -- A range, so that one room is looked up in the index.
      and mine.room_id between coalesce(only_room_id, 0) and coalesce(only_room_id, 9223372036854775807)
      and (
        before_room_id is null
        or (coalesce(rooms.last_message_at, rooms.created_at), rooms.id) < (
          select coalesce(cursor.last_message_at, cursor.created_at), cursor.id from chat.rooms as cursor
          where cursor.id = before_room_id and (cursor.is_public or chat_private.is_my_room(cursor.id))
        )
      )
    order by active_at desc, rooms.id desc
    limit max_rows
  ),
  sized as (
    select recent.*, last.id as last_id, last.content as last_text, last.created_at as last_at,
      count(*) over () as selected, row_number() over page_order as place,
      -- About 60 bytes for each member.
      sum(100 + 60 * recent.member_count::bigint + coalesce(octet_length(last.content), 0)) over (
        order by recent.active_at desc, recent.id desc rows between unbounded preceding and 1 preceding
      ) as bytes_before
    from recent
    left join chat.messages as last on last.id = recent.last_message_id
    window page_order as (order by recent.active_at desc, recent.id desc)
  ),
  page as materialized (
    select sized.*, (own.member).last_read_seq as read_seq,
      sized.last_seq - (own.member).last_read_seq - (own.member).own_after_read as others
    from sized
    cross join lateral (
      select case when (sized.mine).shares_receipts then sized.mine else chat_private.true_marks(sized.mine) end as member
      offset 0 -- once for each room, not for each use
    ) as own
    where coalesce(sized.bytes_before, 0) < chat_private.page_bytes()
  )
  select page.id, page.kind, page.slug, page.name, page.description, page.avatar_url, page.last_seq, page.version,
    page.created_at,
    (select profiles.number from chat.profiles as profiles where profiles.id = (select auth.uid())),
    page.member_count,
    coalesce(kept.members, chat_private.roster(page.id, page.members_version)),
    case when page.others > 0 then page.others - tombstones.count else 0 end,
    (
      select messages.id from chat.messages as messages
      where messages.room_id = page.id and messages.seq = page.read_seq
    ),
    page.last_id, page.last_text, page.last_at, page.place, page.selected
  from page
  left join chat_private.rosters as kept
    on kept.room_id = page.id and kept.members_version = page.members_version
  left join chat_private.tombstones_after(
    array(select page.id from page where page.others > 0), array(select page.read_seq from page where page.others > 0)
  ) as tombstones on tombstones.room_id = page.id
  order by page.place;
end;
$function$;

create or replace function chat_private.room_changed()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.keep_change(
    new, 'room.updated',
    jsonb_build_object(
      'name', new.name, 'description', new.description, 'is_public', new.is_public, 'avatar_url', new.avatar_url
    )
      || case when new.slug is distinct from old.slug then jsonb_build_object('slug', new.slug) else '{}' end
  );
  -- Users who left the public group themselves may still receive from its topic.
  if old.is_public and not new.is_public then
    perform chat_private.move_topic(new.id);
  end if;
  return null;
end;
$function$;

alter table "chat"."rooms"
  add constraint "rooms_avatar_url_check"
    check (((avatar_url ~ '^(https?://|/)'::text) AND (char_length(avatar_url) <= 2048))) not valid;

create trigger room_changed
  after update of name, description, is_public, slug, avatar_url on chat.rooms
  for each row
  when
    ((new.name, new.description, new.is_public, new.slug, new.avatar_url)
      is distinct from (old.name, old.description, old.is_public, old.slug, old.avatar_url))
  execute function chat_private.room_changed();

create trigger room_changing
  before update of name, description, is_public, slug, avatar_url on chat.rooms
  for each row
  when
    ((new.name, new.description, new.is_public, new.slug, new.avatar_url)
      is distinct from (old.name, old.description, old.is_public, old.slug, old.avatar_url))
  execute function chat_private.room_changing();

create policy "admins can delete the pictures of their groups" on "storage"."objects"
  for delete
  to "authenticated"
  using
    (((bucket_id = 'avatars'::text) AND ((storage.foldername(name))[1] in ( select chat_private.my_room_folders() as
    my_room_folders))));

create policy "admins can list the pictures of their groups" on "storage"."objects"
  for select
  to "authenticated"
  using
    (((bucket_id = 'avatars'::text) AND ((storage.foldername(name))[1] in ( select chat_private.my_room_folders() as
    my_room_folders))));

create policy "admins can replace the pictures of their groups" on "storage"."objects"
  for update
  to "authenticated"
  using
    (((bucket_id = 'avatars'::text) AND ((storage.foldername(name))[1] in ( select chat_private.my_room_folders() as
    my_room_folders))))
  with
    check
    (((bucket_id = 'avatars'::text) AND ((storage.foldername(name))[1] IN ( SELECT chat_private.my_room_folders() AS
    my_room_folders))));

create policy "admins can upload pictures of their groups" on "storage"."objects"
  for insert
  to "authenticated"
  with
    check
    (((bucket_id = 'avatars'::text) AND ((storage.foldername(name))[1] IN ( SELECT chat_private.my_room_folders() AS
    my_room_folders))));

comment on function "chat"."find_rooms"(text, integer) is 'The rooms of the caller whose name, or whose other member''s name, contains a text; most recently active first, at most 100. Raises invalid_query, caller_required.';

comment on function "chat"."room_list"(boolean, bigint, integer, bigint) is 'The rooms of the caller, most recently active first, with unread count, last message and, for a direct room, the other member. While has_more, the next page is before the last room id. At most 1,000 rows, fewer if they are long. Raises room_not_found, not_a_member, caller_required.';

comment on function "chat"."update_room"(bigint, text, text, boolean, text) is 'Updates the given columns of a group, as its owner or an admin; an empty avatar_url removes the picture. Raises room_not_found, not_a_member, role_required.';

comment on function "chat_private"."my_room_folders"() is 'The folders in the bucket avatars of the groups that the caller may change: nobody is an admin of a direct room.';

comment on function "chat_private"."my_room_page"(bigint, bigint, integer) is 'The rooms of the caller, most recently active first, with their members as [{id, username}]: all before a room, or one. Fewer than selected if they are long.';

revoke all on function "chat"."find_rooms"(text, integer) from public;

grant execute on function "chat"."find_rooms"(text, integer) to "authenticated", "service_role";

revoke all on function "chat"."room_list"(boolean, bigint, integer, bigint) from public;

grant execute on function "chat"."room_list"(boolean, bigint, integer, bigint) to "authenticated", "service_role";

revoke all on function "chat"."update_room"(bigint, text, text, boolean, text) from public;

grant execute on function "chat"."update_room"(bigint, text, text, boolean, text) to "authenticated", "service_role";

revoke all on function "chat_private"."my_room_folders"() from public;

grant execute on function "chat_private"."my_room_folders"() to "authenticated", "service_role";

revoke all on function "chat_private"."my_room_page"(bigint, bigint, integer) from public;

grant execute on function "chat_private"."my_room_page"(bigint, bigint, integer) to "authenticated", "service_role";

revoke all ("avatar_url") on table "chat"."rooms" from "authenticated";

grant update ("avatar_url") on table "chat"."rooms" to "authenticated";

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
