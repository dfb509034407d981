-- system_messages, 1 of 3: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop function "chat_private"."keep_change"(chat.rooms, text, jsonb);

drop function "chat_private"."record_change"(bigint, text, jsonb);

alter table "chat"."room_changes"
  add column "actor_id" uuid;

alter table "chat"."room_changes"
  add column "after_seq" bigint;

create type "chat"."system_kind" as enum (
  'created',
  'joined',
  'added',
  'left',
  'removed',
  'renamed',
  'picture',
  'description',
  'pinned',
  'locked',
  'unlocked',
  'text'
);

alter table "chat"."room_changes"
  add column "kind" chat.system_kind;

create or replace function chat.call_as (
  user_id       uuid,
  function_name text,
  arguments     jsonb default '{}'::jsonb
)
  returns jsonb
  language plpgsql
  set search_path to ''
  AS $function$
declare
  own_role constant text := current_setting('role');
  own_claims constant text := coalesce(current_setting('request.jwt.claims', true), '');
  call text;
  answer jsonb;
begin
  perform chat_private.begin_call_as(user_id, function_name, arguments);
  call := chat_private.call_of(function_name, arguments);
  perform set_config('request.jwt.claims', jsonb_build_object('sub', user_id, 'role', 'authenticated')::text, true);
  perform set_config('role', 'authenticated', true);
  perform chat_private.require_access();
  execute call into answer using arguments;
  perform set_config('role', own_role, true);
  perform set_config('request.jwt.claims', own_claims, true);
  return answer;
end;
$function$;

create or replace function chat.send_system_message (
  room_id   bigint,
  content   text,
  client_id uuid   default null::uuid
)
  returns jsonb
  language sql
  set search_path to ''
  AS $function$
  select chat_private.send_system_message(room_id, content, client_id);
$function$;

create or replace function chat.system_messages (
  room_id        bigint,
  from_seq       bigint  default 0,
  to_seq         bigint  default null::bigint,
  before_version bigint  default null::bigint,
  max_rows       integer default 200
)
  returns table (
    version        bigint,
    after_seq      bigint,
    created_at     timestamp with time zone,
    kind           chat.system_kind,
    actor_id       uuid,
    actor_username text,
    people         jsonb,
    message_id     bigint,
    content        text,
    text           text
  )
  language plpgsql
  stable
  rows 50
  set search_path to ''
  AS $function$
#variable_conflict use_column
begin
  perform chat_private.require_role(system_messages.room_id);
  return query
  with page as (
    select changes.version as change_version, changes.actor_id as actor, changes.payload ->> 'user_id' as person,
      chat_private.system_payload(changes) -> 'system_message' as said
    from chat.room_changes as changes
    where changes.room_id = system_messages.room_id and changes.kind is not null
      and changes.after_seq >= coalesce(from_seq, 0) and (to_seq is null or changes.after_seq <= to_seq)
      and (before_version is null or changes.version < before_version)
    order by changes.after_seq desc, changes.version desc
    limit least(greatest(coalesce(max_rows, 200), 1), 1000)
  ), folded as (
    select min(page.change_version) as change_version,
      (array_agg(page.said))[1] as said,
      jsonb_agg(
        jsonb_build_object('version', page.change_version, 'user_id', page.said -> 'user_id', 'username', page.said -> 'username')
        order by page.change_version
      ) filter (where page.person is not null) as people,
      array_agg(page.said ->> 'username' order by page.change_version) as names
    from page
    -- Whom one call has added or removed together.
    group by page.said -> 'kind', page.said -> 'after_seq', page.said -> 'created_at', page.actor,
      case when page.said ->> 'kind' in ('added', 'removed') then null else page.change_version end
  )
  select folded.change_version, (folded.said ->> 'after_seq')::bigint, (folded.said ->> 'created_at')::timestamptz,
    (folded.said ->> 'kind')::chat.system_kind, (folded.said ->> 'actor_id')::uuid, folded.said ->> 'actor_username',
    coalesce(folded.people, '[]'), (folded.said ->> 'message_id')::bigint, folded.said ->> 'content',
    chat_private.system_text(
      (folded.said ->> 'kind')::chat.system_kind, folded.said ->> 'actor_username', folded.names, folded.said ->> 'content'
    )
  from folded
  order by folded.change_version;
end;
$function$;

create or replace function chat_private.begin_call_as (
  user_id       uuid,
  function_name text,
  arguments     jsonb
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  if not chat_private.is_backend() then
    raise sqlstate 'PT403' using message = 'backend_required', detail = 'Only a backend acts as somebody else.';
  end if;
  perform chat_private.require_people(array[user_id]);
  perform chat_private.audit(
    'called_as', user_id,
    case when jsonb_typeof(arguments -> 'room_id') = 'number' then (arguments ->> 'room_id')::bigint end,
    details => jsonb_build_object('function', function_name)
  );
end;
$function$;

create or replace function chat_private.call_of (
  function_name text,
  arguments     jsonb
)
  returns text
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  called pg_catalog.pg_proc;
  names text[];
  given text[];
  typed text;
begin
  -- What people may call, and nothing else.
  select * into called from pg_catalog.pg_proc
  where pronamespace = 'chat'::regnamespace and proname = function_name
    and has_function_privilege('authenticated', pg_proc.oid, 'execute');
  names := coalesce(called.proargnames[1:called.pronargs], '{}');
  given := array(select jsonb_object_keys(arguments));
  if called.oid is null or not given <@ names or not names[1:called.pronargs - called.pronargdefaults] <@ given then
    raise sqlstate 'PT400' using message = 'invalid_call',
      detail = format('There is no function %s of people with these arguments.', function_name);
  end if;
  typed := (
    select string_agg(format('%I %s', name, format_type(called.proargtypes[place - 1], null)), ', ')
    from unnest(names) with ordinality as all_names (name, place)
    where name = any (given)
  );
  return format(
    'select %s from %schat.%I(%s) as answer',
    case
      when called.prorettype = 'void'::regtype then 'null::jsonb'
      when called.proretset then 'coalesce(jsonb_agg(to_jsonb(answer)), ''[]'')'
      else 'to_jsonb(answer)'
    end,
    coalesce('jsonb_to_record($1) as given (' || typed || ') cross join lateral ', ''),
    function_name,
    (select string_agg(format('%I => given.%I', name, name), ', ') from unnest(given) as name)
  );
end;
$function$;

create or replace function chat_private.change_payload (
  change chat.room_changes
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return change.payload || jsonb_build_object('room_id', change.room_id, 'version', change.version)
    || chat_private.system_payload(change)
    -- The current username: another user may have the old one now.
    || case when change.payload ? 'username'
      then jsonb_build_object('username', (
        select profiles.username from chat.profiles as profiles where profiles.id = (change.payload ->> 'user_id')::uuid
      ))
      else '{}'
    end;
end;
$function$;

create or replace function chat_private.change_subject (
  event   text,
  payload jsonb
)
  returns text
  language sql
  immutable
  set search_path to ''
  AS $function$
  select case
    when event in ('member.joined', 'member.left') then 'membership of ' || (payload ->> 'user_id')
    when event = 'member.updated' then 'member ' || (payload ->> 'user_id')
    when event = 'message.pinned' then 'pin of ' || (payload #>> '{pin,message_id}')
    when event = 'message.unpinned' then 'pin of ' || (payload ->> 'message_id')
    when event = 'system_message.created' then 'system message ' || (payload ->> 'client_id')
    -- A change carries the slug only if the slug has changed.
    else event || case when payload ? 'slug' then ' with its slug' else '' end
  end;
$function$;

create or replace function chat_private.job_prune_changes()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  kept constant integer := 100;
  kept_shown constant integer := 1000;
  pruned bigint;
begin
  delete from chat_private.rooms_to_prune
  where room_id = (select rooms.room_id from chat_private.rooms_to_prune as rooms order by rooms.room_id limit 1)
  returning room_id into pruned;
  if not found then
    return false;
  end if;
  delete from chat.room_changes as changes
  using (
    select each.version,
      row_number() over (
        partition by chat_private.change_subject(each.event, each.payload) order by each.version desc
      ) as place,
      row_number() over (order by each.version desc) as age
    from chat.room_changes as each
    where each.room_id = pruned
  ) as ranked
  where changes.room_id = pruned and changes.version = ranked.version and ranked.place > 1
    and ranked.age > case when changes.kind is null then kept else kept_shown end;
  return true;
end;
$function$;

create or replace function chat_private.keep_change (
  room    chat.rooms,
  event   text,
  payload jsonb,
  kind    chat.system_kind default null::chat.system_kind
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  me constant uuid := auth.uid();
  change chat.room_changes;
begin
  change.room_id := room.id;
  change.version := room.version;
  change.event := event;
  change.payload := payload;
  change.created_at := now();
  if kind is not null and chat_private.shows_system_message(room, kind) then
    change.kind := kind;
    change.after_seq := room.last_seq;
    -- A moderator who is not in the room is not named to it.
    if payload ->> 'user_id' = me::text or chat_private.is_my_room(room.id) then
      change.actor_id := me;
    end if;
  end if;
  insert into chat.room_changes values (change.*);
  perform chat_private.announce(
    room.topic, event,
    payload || jsonb_build_object('room_id', room.id, 'version', room.version) || chat_private.system_payload(change)
  );
end;
$function$;

create or replace function chat_private.member_joined()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  members integer;
  versions bigint;
begin
  update chat.rooms
  set member_count = member_count + 1, members_version = members_version + 1
  where id = new.room_id
  returning member_count, version into members, versions;
  perform chat_private.record_change(
    new.room_id, 'member.joined',
    chat_private.member_payload(new) || jsonb_build_object('member_count', members),
    case
      -- Many at once: the count of the room has not come to all of them yet.
      when exists (select from chat.room_members where room_id = new.room_id offset 50) then null
      when versions = 0 then 'created'
      when new.user_id = auth.uid() then 'joined'
      else 'added'
    end::chat.system_kind
  );
  perform chat_private.announce(
    'user:' || new.user_id, 'room.added', jsonb_build_object('room_id', new.room_id)
  );
  return null;
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
    room.id, 'member.left', jsonb_build_object('user_id', old.user_id, 'member_count', room.member_count),
    -- Of a deleted account nobody says who has deleted it.
    case
      when old.user_id = auth.uid() or not exists (select from chat.profiles where id = old.user_id) then 'left'
      else 'removed'
    end::chat.system_kind
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

create or replace function chat_private.move_membership (
  room_id     bigint,
  imported_id uuid,
  person_id   uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
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
$function$;

create or replace function chat_private.pin_added()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.record_change(new.room_id, 'message.pinned', jsonb_build_object('pin', to_jsonb(new)), 'pinned');
  return null;
end;
$function$;

create or replace function chat_private.record_change (
  room_id bigint,
  event   text,
  payload jsonb,
  kind    chat.system_kind default null::chat.system_kind
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  room chat.rooms;
begin
  update chat.rooms set version = version + 1
  where id = record_change.room_id and deleted_at is null
  returning * into room;
  if not found then
    return; -- the room is being deleted
  end if;
  perform chat_private.keep_change(room, event, payload, kind);
  -- Once in 128 versions, which messages count, too.
  if room.version % 128 = 0 then
    insert into chat_private.rooms_to_prune (room_id) values (room.id) on conflict do nothing;
  end if;
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
      || case when new.slug is distinct from old.slug then jsonb_build_object('slug', new.slug) else '{}' end,
    case
      when new.name <> old.name then 'renamed'
      when new.avatar_url is distinct from old.avatar_url then 'picture'
      when new.description <> old.description then 'description'
      when new.locked_at is not null and old.locked_at is null then 'locked'
      when new.locked_at is null and old.locked_at is not null then 'unlocked'
    end::chat.system_kind
  );
  -- Users who left the public group themselves may still receive from its topic.
  if old.is_public and (not new.is_public or old.joining = 'open' and new.joining = 'request') then
    perform chat_private.move_topic(new.id);
  end if;
  return null;
end;
$function$;

create or replace function chat_private.send_system_message (
  room_id   bigint,
  content   text,
  client_id uuid
)
  returns jsonb
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  key constant uuid := coalesce(client_id, gen_random_uuid());
  change chat.room_changes;
begin
  if not chat_private.is_backend() then
    raise sqlstate 'PT403' using message = 'backend_required', detail = 'Only a backend sends system messages.';
  elsif not coalesce(chat_private.shows(content) and char_length(content) <= 10000, false) then
    raise sqlstate 'PT400' using message = 'invalid_system_message', detail = 'A system message has 1 to 10,000 characters.';
  end if;
  perform chat_private.lock_room(room_id);
  select * into change from chat.room_changes as changes
  where changes.room_id = send_system_message.room_id and changes.kind = 'text' and changes.payload ->> 'client_id' = key::text;
  perform set_config('chat.repeated', (change.version is not null)::text, true);
  if change.version is null then
    perform chat_private.record_change(
      room_id, 'system_message.created', jsonb_build_object('client_id', key, 'content', content), 'text'
    );
    select * into change from chat.room_changes as changes
    where changes.room_id = send_system_message.room_id and changes.kind = 'text' and changes.payload ->> 'client_id' = key::text;
  elsif change.payload ->> 'content' <> content then
    perform chat_private.refuse_reused_key();
  end if;
  return change.payload || jsonb_build_object('room_id', change.room_id, 'version', change.version)
    || chat_private.system_payload(change);
end;
$function$;

create or replace function chat_private.shows_system_message (
  room chat.rooms,
  kind chat.system_kind
)
  returns boolean
  language sql
  stable
  set search_path to ''
  AS $function$
  select kind = 'text'
    or room.kind = 'group' and not chat_private.is_large(room) and coalesce(current_setting('chat.is_moving', true), '') = '';
$function$;

create or replace function chat_private.system_payload (
  change chat.room_changes
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  subject constant uuid := change.payload ->> 'user_id';
begin
  if change.kind is null then
    return '{}';
  end if;
  return jsonb_build_object('system_message', jsonb_build_object(
    'kind', change.kind,
    'after_seq', change.after_seq,
    'created_at', change.created_at,
    'actor_id', change.actor_id,
    'actor_username', (select profiles.username from chat.profiles as profiles where profiles.id = change.actor_id),
    'user_id', subject,
    'username', (select profiles.username from chat.profiles as profiles where profiles.id = subject),
    'message_id', change.payload #> '{pin,message_id}',
    'content', change.payload -> case change.kind when 'renamed' then 'name' when 'text' then 'content' end
  ));
end;
$function$;

create or replace function chat_private.system_text (
  kind    chat.system_kind,
  actor   text,
  people  text[],
  content text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  named constant text := coalesce(people[1], 'a deleted account') || case
    when cardinality(people) = 2 then ' and ' || coalesce(people[2], 'a deleted account')
    when cardinality(people) > 2 then format(' and %s others', cardinality(people) - 1)
    else ''
  end;
  were constant text := case when cardinality(people) > 1 then ' were ' else ' was ' end;
begin
  return case kind
    when 'created' then coalesce(actor || ' created the group', 'the group was created')
    when 'joined' then named || ' joined'
    when 'added' then coalesce(actor || ' added ' || named, named || were || 'added')
    when 'left' then named || ' left'
    when 'removed' then coalesce(actor || ' removed ' || named, named || were || 'removed')
    when 'renamed' then coalesce(actor || ' renamed the group to ', 'the group was renamed to ') || content
    when 'picture' then coalesce(actor || ' changed the picture', 'the picture was changed')
    when 'description' then coalesce(actor || ' changed the description', 'the description was changed')
    when 'pinned' then coalesce(actor || ' pinned a message', 'a message was pinned')
    when 'locked' then coalesce(actor || ' locked the group', 'the group was locked')
    when 'unlocked' then coalesce(actor || ' unlocked the group', 'the group was unlocked')
    else content
  end;
end;
$function$;

comment on column "chat"."audit_log"."action" is 'Such as room_ban, room_unban, mute, unmute, warning, message_deleted, dismissed, role_changed, called_as.';

comment on column "chat"."room_changes"."actor_id" is 'Who did it; null for a backend, and for somebody who is not in the room.';

comment on column "chat"."room_changes"."after_seq" is 'The seq of the last message before it.';

comment on column "chat"."room_changes"."kind" is 'What it says among the messages, as a system message; null if it is not shown there.';

comment on function "chat"."call_as"(uuid, text, jsonb) is 'For backends: calls a function of chat as a person, with arguments by their names, and returns its answer; a list as an array. Every rule for that person applies, and the audit log says so. Raises backend_required, user_not_found, invalid_call, suspended, and what the function raises.';

comment on function "chat"."send_system_message"(bigint, text, uuid) is 'For backends: says something among the messages of a room, in the name of nobody; returns the change, as events have it. A retry with the same client_id returns the first one. Raises backend_required, room_not_found, invalid_system_message, client_id_reused.';

comment on function "chat"."system_messages"(bigint, bigint, bigint, bigint, integer) is 'What happened in a room between two of its messages, by their seqs, and what backends have said there, oldest first: whom one call has added, at most 1,000 changes, the newest. Continue with the lowest version as before_version. text is an English sentence. Raises room_not_found, not_a_member.';

comment on function "chat_private"."call_of"(text, jsonb) is 'The statement that calls a function of chat with the arguments in $1. Raises invalid_call.';

comment on function "chat_private"."job_prune_changes"() is 'Deletes superseded changes of a room, except the last 100, and of those that the messages show the last 1,000, so that repeated changes do not fill the table.';

comment on function "chat_private"."keep_change"(chat.rooms, text, jsonb, chat.system_kind) is 'Logs a change that the version of a room counts, and broadcasts it; with a kind, the messages show it.';

comment on function "chat_private"."record_change"(bigint, text, jsonb, chat.system_kind) is 'Counts a change of a room in its version, logs it and broadcasts it.';

comment on function "chat_private"."shows_system_message"(chat.rooms, chat.system_kind) is 'Whether the messages of a room show a change: those of groups of up to 50 members, and what a backend says everywhere.';

comment on function "chat_private"."system_text"(chat.system_kind, text, text[], text) is 'A system message as an English sentence.';

revoke all on function "chat"."call_as"(uuid, text, jsonb) from public;

grant execute on function "chat"."call_as"(uuid, text, jsonb) to "service_role";

revoke all on function "chat"."send_system_message"(bigint, text, uuid) from public;

grant execute on function "chat"."send_system_message"(bigint, text, uuid) to "service_role";

revoke all on function "chat"."system_messages"(bigint, bigint, bigint, bigint, integer) from public;

grant execute
  on function "chat"."system_messages"(bigint, bigint, bigint, bigint, integer)
  to "authenticated", "service_role";

revoke all on function "chat_private"."begin_call_as"(uuid, text, jsonb) from public;

grant execute on function "chat_private"."begin_call_as"(uuid, text, jsonb) to "service_role";

revoke all on function "chat_private"."call_of"(text, jsonb) from public;

grant execute on function "chat_private"."call_of"(text, jsonb) to "service_role";

revoke all on function "chat_private"."keep_change"(chat.rooms, text, jsonb, chat.system_kind) from public;

revoke all on function "chat_private"."record_change"(bigint, text, jsonb, chat.system_kind) from public;

revoke all on function "chat_private"."send_system_message"(bigint, text, uuid) from public;

grant execute on function "chat_private"."send_system_message"(bigint, text, uuid) to "service_role";

revoke all on function "chat_private"."shows_system_message"(chat.rooms, chat.system_kind) from public;

revoke all on function "chat_private"."system_payload"(chat.room_changes) from public;

grant execute on function "chat_private"."system_payload"(chat.room_changes) to "authenticated", "service_role";

revoke all on function "chat_private"."system_text"(chat.system_kind, text, text[], text) from public;

grant execute
  on function "chat_private"."system_text"(chat.system_kind, text, text[], text)
  to "authenticated", "service_role";

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
