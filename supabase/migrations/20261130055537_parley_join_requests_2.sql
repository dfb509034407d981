-- join_requests, 2 of 2: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop function "chat"."room_list"(boolean, bigint, integer, bigint);

drop function
  "chat"."update_room"(bigint, text, text, boolean, text, integer, chat.who_may, chat.who_may, chat.who_may, boolean,
  text);

create table "chat"."join_requests" (
  "id"         bigint                   generated always as identity not null,
  "room_id"    bigint                   not null,
  "user_id"    uuid                     not null,
  "note"       text                     not null default ''::text,
  "created_at" timestamp with time zone not null default now(),
  constraint "join_requests_note_check" check ((char_length(note) <= 500)),
  constraint "join_requests_pkey" primary key (id),
  constraint "join_requests_room_id_user_id_key" unique (room_id, user_id)
);

alter table "chat"."join_requests"
  enable row level security;

create or replace function chat.accept_join_request (
  room_id bigint,
  user_id uuid
)
  returns chat.room_members
  language sql
  set search_path to ''
  AS $function$
  select * from chat_private.accept_join_request(room_id, user_id);
$function$;

create or replace function chat.decline_join_request (
  room_id bigint,
  user_id uuid
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.decline_join_request(room_id, user_id);
$function$;

create or replace function chat.request_to_join (
  room_id bigint,
  note    text   default ''::text
)
  returns chat.join_requests
  language sql
  set search_path to ''
  AS $function$
  select * from chat_private.request_to_join(room_id, note);
$function$;

create or replace function chat.room_list (
  archived       boolean default null::boolean,
  before_room_id bigint  default null::bigint,
  max_rows       integer default 100,
  only_room_id   bigint  default null::bigint
)
  returns table (
    id                bigint,
    kind              chat.room_kind,
    slug              text,
    name              text,
    description       text,
    is_public         boolean,
    avatar_url        text,
    created_by        uuid,
    last_seq          bigint,
    version           bigint,
    topic             text,
    member_count      integer,
    members_version   bigint,
    created_at        timestamp with time zone,
    active_at         timestamp with time zone,
    role              chat.member_role,
    last_read_seq     bigint,
    archived_at       timestamp with time zone,
    muted_until       timestamp with time zone,
    unread_count      bigint,
    last_message      jsonb,
    other_member      jsonb,
    has_more          boolean,
    mention_count     bigint,
    slow_mode_seconds integer,
    posting           chat.who_may,
    inviting          chat.who_may,
    pinning           chat.who_may,
    locked_at         timestamp with time zone,
    locked_reason     text,
    joining           chat.way_to_join
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
    page.has_more, unread.mention_count, page.slow_mode_seconds, page.posting, page.inviting, page.pinning, page.locked_at,
    page.locked_reason, page.joining
  from page
  join chat_private.my_unread_counts(array(select page.id from page)) as unread on unread.room_id = page.id
  left join chat.messages as messages on messages.id = page.last_message_id
  order by page.active_at desc, page.id desc;
end;
$function$;

create or replace function chat.update_room (
  room_id           bigint,
  name              text             default null::text,
  description       text             default null::text,
  is_public         boolean          default null::boolean,
  avatar_url        text             default null::text,
  slow_mode_seconds integer          default null::integer,
  posting           chat.who_may     default null::chat.who_may,
  inviting          chat.who_may     default null::chat.who_may,
  pinning           chat.who_may     default null::chat.who_may,
  locked            boolean          default null::boolean,
  locked_reason     text             default null::text,
  joining           chat.way_to_join default null::chat.way_to_join
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
    avatar_url = nullif(coalesce(update_room.avatar_url, rooms.avatar_url), ''),
    slow_mode_seconds = coalesce(update_room.slow_mode_seconds, rooms.slow_mode_seconds),
    posting = coalesce(update_room.posting, rooms.posting),
    inviting = coalesce(update_room.inviting, rooms.inviting),
    pinning = coalesce(update_room.pinning, rooms.pinning),
    joining = coalesce(update_room.joining, rooms.joining),
    locked_at = case when coalesce(locked, rooms.locked_at is not null) then coalesce(rooms.locked_at, now()) end,
    locked_reason = nullif(coalesce(update_room.locked_reason, rooms.locked_reason), '')
  where rooms.id = update_room.room_id
  returning rooms.* into room;
  if not found then
    -- The policy of rooms has refused the update; this raises the reason.
    perform chat_private.require_role(update_room.room_id, 'admin');
  end if;
  return room;
end;
$function$;

create or replace function chat.withdraw_join_request (
  room_id bigint
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.withdraw_join_request(room_id);
$function$;

create or replace function chat_private.accept_join_request (
  room_id bigint,
  user_id uuid
)
  returns chat.room_members
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  room constant chat.rooms := chat_private.lock_room(accept_join_request.room_id, 'admin');
  member chat.room_members;
begin
  select * into member from chat.room_members as members
  where members.room_id = room.id and members.user_id = accept_join_request.user_id;
  if found then
    return member;
  elsif not exists (
    select from chat.join_requests as requests where requests.room_id = room.id and requests.user_id = accept_join_request.user_id
  ) then
    raise sqlstate 'PT404' using message = 'request_not_found', detail = 'This user does not ask to join, or does not any more.';
  end if;
  perform chat_private.require_people(array[accept_join_request.user_id]);
  insert into chat.room_members (room_id, user_id) values (room.id, accept_join_request.user_id) returning * into member;
  return member;
end;
$function$;

create or replace function chat_private.asking_person_joined()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  delete from chat.join_requests as requests where requests.room_id = new.room_id and requests.user_id = new.user_id;
  return null;
end;
$function$;

create or replace function chat_private.decline_join_request (
  room_id bigint,
  user_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_role(decline_join_request.room_id, 'admin');
  delete from chat.join_requests as requests
  where requests.room_id = decline_join_request.room_id and requests.user_id = decline_join_request.user_id;
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
      and not exists (
        select from chat.join_requests as requests where requests.room_id = insert_members.room_id and requests.user_id = people.id
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

create or replace function chat_private.join_request_ended()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.announce(
    'user:' || concerned.user_id, 'join_request.removed', jsonb_build_object('room_id', old.room_id, 'user_id', old.user_id)
  )
  from (
    select old.user_id
    union
    (
      select members.user_id from chat.room_members as members
      where members.room_id = old.room_id and members.role >= 'admin'
      order by members.role desc, members.joined_at
      limit 50
    )
  ) as concerned;
  return null;
end;
$function$;

create or replace function chat_private.join_requested()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.announce('user:' || concerned.user_id, 'join_request.added', jsonb_build_object(
    'id', new.id, 'room_id', new.room_id, 'user_id', new.user_id, 'username', people.username, 'note', new.note,
    'created_at', new.created_at
  ))
  from (
    select new.user_id
    union
    (
      select members.user_id from chat.room_members as members
      where members.room_id = new.room_id and members.role >= 'admin'
      order by members.role desc, members.joined_at
      limit 50
    )
  ) as concerned
  join chat.profiles as people on people.id = new.user_id;
  return null;
end;
$function$;

create or replace function chat_private.join_room (
  room_id bigint
)
  returns chat.room_members
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  member chat.room_members;
  room chat.rooms;
begin
  perform chat_private.require_caller();
  select * into room from chat.rooms as rooms where rooms.id = join_room.room_id and rooms.is_public for no key update;
  select * into member from chat.room_members as members
  where members.room_id = join_room.room_id and members.user_id = auth.uid();
  if found then
    return member;
  elsif room.id is null then
    perform chat_private.refuse_stranger(join_room.room_id);
  elsif room.joining = 'request' and room.member_count <> 0 then
    perform chat_private.require_unbanned(room.id, auth.uid());
    raise sqlstate 'PT403' using message = 'request_required', detail = 'Ask the admins of this group to let you in.';
  end if;
  perform chat_private.require_people(array[auth.uid()]);
  perform chat_private.count_join(room.id);

  insert into chat.room_members (room_id, user_id, role)
  values (room.id, auth.uid(), case when room.member_count = 0 then 'owner' else 'member' end::chat.member_role)
  returning * into member;
  return member;
end;
$function$;

create or replace function chat_private.member_left()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
begin
  update chat.rooms
  set member_count = member_count - 1, members_version = members_version + 1
  where id = old.room_id and deleted_at is null
  returning * into room;
  if not found then
    return null; -- the room is being deleted, and room_deleted() broadcasts that
  end if;

  perform chat_private.announce('user:' || old.user_id, 'room.removed', jsonb_build_object('room_id', old.room_id));
  perform chat_private.record_change(
    room.id, 'member.left', jsonb_build_object('user_id', old.user_id, 'member_count', room.member_count)
  );
  -- A user who leaves a public group can rejoin at any time: doing that in a loop must not move all members.
  if not room.is_public or room.joining = 'request' or old.user_id is distinct from (select auth.uid()) then
    perform chat_private.move_topic(room.id);
  end if;
  if old.role = 'owner' then
    perform chat_private.pass_ownership(room.id);
  end if;
  -- No user could ever reach it again.
  delete from chat.rooms where id = room.id and member_count = 0 and not is_public;
  return null;
end;
$function$;

create or replace function chat_private.request_to_join (
  room_id bigint,
  note    text
)
  returns chat.join_requests
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  most constant integer := 1000;
  room chat.rooms;
  request chat.join_requests;
begin
  perform chat_private.require_caller();
  perform chat_private.require_people(array[auth.uid()]);
  select * into room from chat.rooms as rooms where rooms.id = request_to_join.room_id and rooms.is_public for no key update;
  if not found then
    perform chat_private.refuse_stranger(request_to_join.room_id);
  end if;
  select * into request from chat.join_requests as requests where requests.room_id = room.id and requests.user_id = auth.uid();
  if found then
    return request;
  elsif room.joining = 'open' or exists (
    select from chat.room_members as members where members.room_id = room.id and members.user_id = auth.uid()
  ) then
    raise sqlstate 'PT409' using message = 'request_not_needed', detail = 'You are in this group, or can join it without asking.';
  end if;
  perform chat_private.require_unbanned(room.id, auth.uid());
  perform chat_private.take_tokens('request_to_join');
  if (select count(*) from chat.join_requests as requests where requests.room_id = room.id) >= most then
    raise sqlstate 'PT409' using message = 'too_many_requests', detail = format('A group has at most %s open requests.', most);
  end if;
  insert into chat.join_requests (room_id, user_id, note)
  values (room.id, auth.uid(), coalesce(request_to_join.note, ''))
  returning * into request;
  return request;
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
      'name', new.name, 'description', new.description, 'is_public', new.is_public, 'avatar_url', new.avatar_url,
      'slow_mode_seconds', new.slow_mode_seconds, 'posting', new.posting, 'inviting', new.inviting, 'pinning', new.pinning,
      'locked_at', new.locked_at, 'locked_reason', new.locked_reason, 'joining', new.joining
    )
      || case when new.slug is distinct from old.slug then jsonb_build_object('slug', new.slug) else '{}' end
  );
  -- Users who left the public group themselves may still receive from its topic.
  if old.is_public and (not new.is_public or old.joining = 'open' and new.joining = 'request') then
    perform chat_private.move_topic(new.id);
  end if;
  return null;
end;
$function$;

create or replace function chat_private.withdraw_join_request (
  room_id bigint
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_caller();
  delete from chat.join_requests as requests
  where requests.room_id = withdraw_join_request.room_id and requests.user_id = auth.uid();
end;
$function$;

alter table "chat"."join_requests"
  add constraint "join_requests_room_id_fkey" foreign key (room_id) references chat.rooms(id) on delete cascade;

alter table "chat"."join_requests"
  add constraint "join_requests_user_id_fkey" foreign key (user_id) references chat.profiles(id) on delete cascade;

create index join_requests_room_id_idx on chat.join_requests using btree (room_id, id);

create index join_requests_user_id_idx on chat.join_requests using btree (user_id, id);

create trigger join_request_ended
  after delete on chat.join_requests
  for each row
  execute function chat_private.join_request_ended();

create trigger join_requested
  after insert on chat.join_requests
  for each row
  execute function chat_private.join_requested();

create trigger asking_person_joined
  after insert on chat.room_members
  for each row
  execute function chat_private.asking_person_joined();

create or replace trigger room_changed
  after update of
    name, description, is_public, slug, avatar_url, slow_mode_seconds, posting, inviting, pinning, locked_at, locked_reason,
    joining
  on chat.rooms
  for each row when (
    (
      new.name, new.description, new.is_public, new.slug, new.avatar_url, new.slow_mode_seconds,
      new.posting, new.inviting, new.pinning, new.locked_at, new.locked_reason, new.joining
    ) is distinct from (
      old.name, old.description, old.is_public, old.slug, old.avatar_url, old.slow_mode_seconds,
      old.posting, old.inviting, old.pinning, old.locked_at, old.locked_reason, old.joining
    )
  )
  execute function chat_private.room_changed();

create or replace trigger room_changing
  before update of
    name, description, is_public, slug, avatar_url, slow_mode_seconds, posting, inviting, pinning, locked_at, locked_reason,
    joining
  on chat.rooms
  for each row when (
    (
      new.name, new.description, new.is_public, new.slug, new.avatar_url, new.slow_mode_seconds,
      new.posting, new.inviting, new.pinning, new.locked_at, new.locked_reason, new.joining
    ) is distinct from (
      old.name, old.description, old.is_public, old.slug, old.avatar_url, old.slow_mode_seconds,
      old.posting, old.inviting, old.pinning, old.locked_at, old.locked_reason, old.joining
    )
  )
  execute function chat_private.room_changing();

create policy "people can read their own requests, and admins those of their g" on "chat"."join_requests"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND ((user_id = ( select auth.uid() as uid))
    or (room_id in ( select chat_private.my_room_ids('admin'::chat.member_role) as my_room_ids)))));

comment on column "chat"."rooms"."joining" is 'Whether everyone joins the group at once while it is public, or asks its admins.';

comment on function "chat"."accept_join_request"(bigint, uuid) is 'Lets a user in who asks to join, as the owner or an admin; does nothing for a member. Raises room_not_found, not_a_member, role_required, request_not_found, user_not_found, banned.';

comment on function "chat"."decline_join_request"(bigint, uuid) is 'Removes a request, as the owner or an admin; the user may ask again. Does nothing where there is none. Raises room_not_found, not_a_member, role_required.';

comment on function "chat"."join_room"(bigint) is 'Joins a public group; does nothing for a member. Raises room_not_found, request_required, banned, user_not_found, too_many_joins, caller_required.';

comment on function "chat"."request_to_join"(bigint, text) is 'Asks the admins of a public group to let the caller in; returns the request, or the one that is open. Raises room_not_found, request_not_needed, banned, too_many_requests, user_not_found, rate_limited, caller_required.';

comment on function "chat"."room_list"(boolean, bigint, integer, bigint) is 'The rooms of the caller, most recently active first, with unread count, the count of mentions in it, last message and, for a direct room, the other member. While has_more, the next page is before the last room id. At most 1,000 rows, fewer if they are long. Raises room_not_found, not_a_member, caller_required.';

comment on function
  "chat"."update_room"(bigint, text, text, boolean, text, integer, chat.who_may, chat.who_may, chat.who_may, boolean,
  text, chat.way_to_join) is 'Updates the given columns of a group, as its owner or an admin; an empty avatar_url removes the picture. slow_mode_seconds, up to 21,600, is how long members wait between two messages. posting, inviting and pinning say who does that: everyone or admins. While it is locked, only admins write, edit, react and pin; an empty locked_reason removes the reason. joining says whether everyone joins a public group at once: open or request. Raises room_not_found, not_a_member, role_required.';

comment on function "chat"."withdraw_join_request"(bigint) is 'Takes back a request of the caller; does nothing where there is none. Raises caller_required.';

comment on table "chat"."join_requests" is 'Who asks to join which public group, until they are in it, are declined or withdraw.';

revoke all on function "chat"."accept_join_request"(bigint, uuid) from public;

grant execute on function "chat"."accept_join_request"(bigint, uuid) to "authenticated", "service_role";

revoke all on function "chat"."decline_join_request"(bigint, uuid) from public;

grant execute on function "chat"."decline_join_request"(bigint, uuid) to "authenticated", "service_role";

revoke all on function "chat"."request_to_join"(bigint, text) from public;

grant execute on function "chat"."request_to_join"(bigint, text) to "authenticated", "service_role";

revoke all on function "chat"."room_list"(boolean, bigint, integer, bigint) from public;

grant execute on function "chat"."room_list"(boolean, bigint, integer, bigint) to "authenticated", "service_role";

revoke all
  on function
    "chat"."update_room"(bigint, text, text, boolean, text, integer, chat.who_may, chat.who_may, chat.who_may, boolean,
    text, chat.way_to_join)
  from public;

grant execute
  on function
    "chat"."update_room"(bigint, text, text, boolean, text, integer, chat.who_may, chat.who_may, chat.who_may, boolean,
    text, chat.way_to_join)
  to "authenticated", "service_role";

revoke all on function "chat"."withdraw_join_request"(bigint) from public;

grant execute on function "chat"."withdraw_join_request"(bigint) to "authenticated", "service_role";

revoke all on function "chat_private"."accept_join_request"(bigint, uuid) from public;

grant execute on function "chat_private"."accept_join_request"(bigint, uuid) to "authenticated", "service_role";

revoke all on function "chat_private"."asking_person_joined"() from public;

revoke all on function "chat_private"."decline_join_request"(bigint, uuid) from public;

grant execute on function "chat_private"."decline_join_request"(bigint, uuid) to "authenticated", "service_role";

revoke all on function "chat_private"."join_request_ended"() from public;

revoke all on function "chat_private"."join_requested"() from public;

revoke all on function "chat_private"."request_to_join"(bigint, text) from public;

grant execute on function "chat_private"."request_to_join"(bigint, text) to "authenticated", "service_role";

revoke all on function "chat_private"."withdraw_join_request"(bigint) from public;

grant execute on function "chat_private"."withdraw_join_request"(bigint) to "authenticated", "service_role";

grant select on table "chat"."join_requests" to "authenticated";

grant delete, insert, select, update on table "chat"."join_requests" to "service_role";

revoke all ("joining") on table "chat"."rooms" from "authenticated";

grant update ("joining") on table "chat"."rooms" to "authenticated";

insert into chat_private.limits (action, capacity, per_second) values ('request_to_join', 100, 0.01);

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
