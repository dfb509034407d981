-- account_deletion, 1 of 3: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop trigger "message_changing" on "chat"."messages";

drop function "chat_private"."claim_files"(integer);

alter table "chat_private"."departed_senders"
  add column "is_erased" boolean not null default false;

alter table "chat_private"."departed_senders"
  add column "next_room_id" bigint not null default 0;

alter table "chat_private"."departed_senders"
  add column "next_version" bigint not null default 0;

alter table "chat_private"."files_to_remove"
  add column "bucket" text not null default 'chat-files'::text;

create type "chat"."deletion_mode" as enum (
  'keep',
  'erase'
);

create or replace function chat.delete_account (
  mode      chat.deletion_mode default 'keep'::chat.deletion_mode,
  confirmed boolean            default false,
  user_id   uuid               default null::uuid
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.delete_account(mode, confirmed, user_id);
$function$;

create or replace function chat_private.account_leaving()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  -- Locks all affected rooms in ascending order, before the deletion locks rows one by one.
  perform from chat.profiles where id = old.id for no key update;
  perform from chat.rooms
  where id in (
    select room_id from chat.room_members where user_id = old.id union select id from chat.rooms where created_by = old.id
  )
  order by id
  for no key update;
  -- A cached list has the name until it is made again.
  delete from chat_private.rosters where room_id in (select room_id from chat.room_members where user_id = old.id);
  return old;
end;
$function$;

create or replace function chat_private.claim_files (
  max_rows integer,
  bucket   text    default 'chat-files'::text
)
  returns SETOF text
  language plpgsql
  set search_path to ''
  AS $function$
declare
  paths text[];
begin
  paths := array(
    select files.path from chat_private.files_to_remove as files
    where files.due_at <= now() and files.bucket = claim_files.bucket
    order by files.due_at
    limit max_rows
    for update skip locked
  );
  -- A forward still has it, and queues it again when it goes.
  delete from chat_private.files_to_remove as files
  where files.path = any (paths) and exists (select from chat.attachments where path = files.path);
  return query
    update chat_private.files_to_remove as files
    -- Another worker takes them again if this one does not answer.
    set due_at = now() + interval '5 minutes'
    where files.path = any (paths)
    returning files.path;
end;
$function$;

create or replace function chat_private.delete_account (
  mode      chat.deletion_mode,
  confirmed boolean,
  user_id   uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  account constant uuid := coalesce(delete_account.user_id, auth.uid());
  is_erased constant boolean := coalesce(mode = 'erase', false);
  direct_keys text[];
begin
  if account is null or not chat_private.is_backend() then
    perform chat_private.require_caller();
  end if;
  if account is distinct from auth.uid() and not chat_private.is_administrator() then
    raise sqlstate 'PT403' using message = 'administrator_required', detail = 'Only an administrator deletes accounts of others.';
  elsif not coalesce(confirmed, false) and not chat_private.is_backend() then
    raise sqlstate 'PT409' using message = 'confirmation_required',
      detail = 'Nobody can bring the account back: ask again with confirmed.';
  end if;

  if is_erased then
    insert into chat_private.departed_senders (user_id, is_erased) values (account, true)
    on conflict on constraint departed_senders_pkey do update set is_erased = true;
    -- What others have reported of them stays, as evidence.
    update chat.reports set note = '' where reporter_id = account and note <> '';
    direct_keys := array(select distinct kept.direct_key from chat_private.kept_slugs as kept where kept.user_id = account);
  end if;
  -- Sign-ins that were begun: Auth keeps no foreign key there.
  delete from auth.flow_state where flow_state.user_id = account;
  delete from auth.users where users.id = account;
  if not found then
    raise sqlstate 'PT404' using message = 'user_not_found', detail = 'No such user.';
  end if;
  -- The others may have stored the slugs of their direct rooms, so none of them may ever name another room.
  update chat_private.kept_slugs as kept set slug = chat_private.erased_slug(kept.slug)
  where kept.user_id in (
    select person::uuid from unnest(direct_keys) as pair, string_to_table(pair, ':') as person where person <> account::text
  )
    and kept.direct_key = any (direct_keys) and kept.slug ~ '_';
  perform chat_private.audit('account_deleted', account, details => jsonb_build_object('mode', coalesce(mode, 'keep')));
end;
$function$;

create or replace function chat_private.direct_slug (
  one   uuid,
  other uuid
)
  returns text
  language plpgsql
  set search_path to ''
  AS $function$
declare
  key text := least(one, other) || ':' || greatest(one, other);
  -- In the order of code points, independent of the locale of the database.
  base text := (
    select string_agg(username, '_' order by username collate "C") from chat.profiles where id in (one, other)
  );
  candidate text := base;
  attempt integer := 1;
begin
  while exists (select from chat.rooms where slug = candidate and direct_key is distinct from key)
    or exists (
      select from chat_private.kept_slugs
      where slug in (candidate, chat_private.erased_slug(candidate)) and user_id in (one, other) and direct_key <> key
    )
  loop
    attempt := attempt + 1;
    candidate := base || '_' || case when attempt <= 20 then attempt else (random() * 1e9)::integer end;
  end loop;
  return candidate;
end;
$function$;

create or replace function chat_private.erase_messages_of (
  departed uuid
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  -- Sends to the room wait for this long at most.
  until constant timestamptz := clock_timestamp() + interval '100 milliseconds';
  page bigint[];
  room bigint;
begin
  select array_agg(found.id), found.room_id into page, room
  from (select messages.id, messages.room_id from chat.messages as messages where messages.sender_id = departed limit 500) as found
  group by found.room_id
  order by count(*) desc
  limit 1;
  if room is null then
    return false;
  end if;
  -- The room first, as a deletion does.
  perform chat_private.take_turn(room);
  perform from chat.rooms where id = room for no key update;
  for place in 1..cardinality(page) by 10 loop
    update chat.messages set deleted_at = coalesce(deleted_at, now()), sender_id = null where id in (
      select messages.id from chat.messages as messages
      where messages.id = any (page[place:place + 9])
      order by messages.seq
      for no key update skip locked
    );
    exit when clock_timestamp() > until;
  end loop;
  return true;
end;
$function$;

create or replace function chat_private.erase_more_of (
  departed uuid
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if chat_private.erase_messages_of(departed) or chat_private.remove_reactions_of(departed, 100) then
    return true;
  end if;
  update chat.messages set forwarded_sender_id = null, forwarded_username = null where id in (
    select messages.id from chat.messages as messages where messages.forwarded_sender_id = departed
    limit 500
    for no key update skip locked
  );
  if found then
    return true;
  end if;
  -- Those that were not sent.
  delete from chat.attachments where id in (
    select attachments.id from chat.attachments as attachments where attachments.uploader_id = departed
    limit 500
    for update skip locked
  );
  if found or chat_private.erase_name_in_changes(departed, 2000)
    or exists (select from chat.messages where sender_id = departed or forwarded_sender_id = departed)
    or exists (select from chat.reactions where user_id = departed)
    or exists (select from chat.attachments where uploader_id = departed)
  then
    return true;
  end if;
  delete from chat_private.departed_senders where user_id = departed;
  return true;
end;
$function$;

create or replace function chat_private.erase_name_in_changes (
  departed uuid,
  max_rows integer
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  place chat_private.departed_senders;
  looked_at integer;
begin
  select * into place from chat_private.departed_senders as senders where senders.user_id = departed;
  with page as materialized (
    select changes.room_id, changes.version from chat.room_changes as changes
    where (changes.room_id, changes.version) >= (place.next_room_id, place.next_version)
    order by changes.room_id, changes.version
    limit max_rows
  ), emptied as (
    update chat.room_changes as changes set payload = changes.payload || '{"username": null}'
    from page
    where (changes.room_id, changes.version) = (page.room_id, page.version)
      and changes.payload ->> 'user_id' = departed::text and changes.payload ->> 'username' is not null
  ), following as (
    select page.room_id, page.version from page order by page.room_id desc, page.version desc limit 1
  )
  select (select count(*) from page), following.room_id, following.version + 1
  into looked_at, place.next_room_id, place.next_version
  from following;
  if looked_at is null then
    return false;
  end if;
  update chat_private.departed_senders as senders
  set next_room_id = place.next_room_id, next_version = place.next_version
  where senders.user_id = departed;
  return looked_at = max_rows;
end;
$function$;

create or replace function chat_private.erased_slug (
  slug text
)
  returns text
  language sql
  immutable
  set search_path to ''
  AS $function$
  -- No slug has such a character.
  select '#' || md5(slug);
$function$;

create or replace function chat_private.job_forget_senders()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  until constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  departed uuid;
  is_erased boolean;
  is_first boolean := true;
begin
  loop
    select senders.user_id, senders.is_erased into departed, is_erased from chat_private.departed_senders as senders
    order by senders.departed_at, senders.user_id
    limit 1;
    if not found then
      return false;
    elsif is_erased then
      -- Waits for a room, so it is the first in its transaction.
      return not is_first or chat_private.erase_more_of(departed);
    end if;
    is_first := false;
    update chat.attachments set uploader_id = null where id in (
      select attachments.id from chat.attachments as attachments where attachments.uploader_id = departed
      limit 100
      for no key update skip locked
    );
    -- Skips a message that is being edited or deleted: its room is locked, and this does not wait.
    update chat.messages set sender_id = null where id in (
      select messages.id from chat.messages as messages where messages.sender_id = departed
      limit 100
      for no key update skip locked
    );
    if not found and not chat_private.remove_reactions_of(departed, 100)
      and not exists (select from chat.messages where sender_id = departed)
      and not exists (select from chat.reactions where user_id = departed)
      and not exists (select from chat.attachments where uploader_id = departed)
    then
      delete from chat_private.departed_senders where user_id = departed;
    end if;
    if clock_timestamp() > until then
      return true;
    end if;
  end loop;
end;
$function$;

create or replace function chat_private.profile_left()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  -- Everyone can see the pictures of people.
  insert into chat_private.files_to_remove (bucket, path)
  select 'avatars', objects.name from storage.objects as objects
  where objects.bucket_id = 'avatars' and objects.name like old.id || '/%'
  on conflict on constraint files_to_remove_pkey do update set due_at = now(), is_last = false;
  if exists (select from chat_private.departed_senders where user_id = old.id and is_erased) then
    return null;
  end if;
  -- A few messages and reactions at once, the others by a job.
  update chat.messages set sender_id = null
  where id in (select messages.id from chat.messages as messages where messages.sender_id = old.id limit 200);
  perform chat_private.remove_reactions_of(old.id, 200);
  insert into chat_private.departed_senders (user_id)
  select old.id
  where exists (select from chat.messages where sender_id = old.id) or exists (select from chat.reactions where user_id = old.id)
    or exists (select from chat.attachments where uploader_id = old.id)
  on conflict do nothing;
  return null;
end;
$function$;

alter table "chat_private"."files_to_remove"
  add constraint "files_to_remove_bucket_check" check ((bucket = ANY (ARRAY['chat-files'::text, 'avatars'::text])))
    not valid;

-- Short lock: the condition of a trigger changes, and no row is read.
create trigger message_changing
  before update on chat.messages
  for each row when (
    (
      new.room_id, new.seq, new.version, new.content, new.metadata, new.forwarded_from_id,
      new.forwarded_content, new.deleted_at, new.attachments, new.mentions, new.mentions_all
    ) is distinct from (
      old.room_id, old.seq, old.version, old.content, old.metadata, old.forwarded_from_id,
      old.forwarded_content, old.deleted_at, old.attachments, old.mentions, old.mentions_all
    )
  )
  execute function chat_private.message_changing();

comment on column "chat_private"."departed_senders"."is_erased" is 'Whether what they wrote goes, too.';

comment on column "chat_private"."departed_senders"."next_version" is 'With next_room_id: the change of a room at which the job goes on to look for the name of an erased person.';

comment on function "chat"."delete_account"(chat.deletion_mode, boolean, uuid) is 'Deletes the account of the caller; a backend or an administrator names the user. With keep, messages stay without a sender; with erase, they become tombstones within minutes. Must be confirmed, except by a backend. Raises confirmation_required, administrator_required, user_not_found, caller_required.';

comment on function "chat_private"."claim_files"(integer, text) is 'Paths of files to remove from a bucket now. Call files_removed() with them afterwards, or they are due again in five minutes.';

comment on function "chat_private"."erase_messages_of"(uuid) is 'Makes tombstones, without a sender, of messages of a deleted account in one room. Returns whether there were any.';

comment on function "chat_private"."erase_more_of"(uuid) is 'One step of erasing what a deleted account has left in rooms: its messages, reactions, files and name. Returns whether to call again.';

comment on function "chat_private"."erase_name_in_changes"(uuid, integer) is 'Removes the name of a deleted account from max_rows changes of rooms. Returns whether there are more.';

comment on function "chat_private"."erased_slug"(text) is 'What stays of a kept slug when a person whom it names is erased: enough to refuse it.';

comment on function "chat_private"."job_forget_senders"() is 'Removes the ids of deleted accounts from their files and messages, then their reactions; or erases what they wrote.';

comment on table "chat"."room_changes" is 'The changes of a room other than messages. A job deletes those that a later change supersedes. Rows do not change, except that the name of an erased person goes.';

comment on table "chat_private"."files_to_remove" is 'Paths in the bucket chat-files that an attachment has no more, maybe the last one; pictures in avatars of deleted accounts.';

revoke all on function "chat"."delete_account"(chat.deletion_mode, boolean, uuid) from public;

grant execute on function "chat"."delete_account"(chat.deletion_mode, boolean, uuid) to "authenticated", "service_role";

revoke all on function "chat_private"."claim_files"(integer, text) from public;

grant execute on function "chat_private"."claim_files"(integer, text) to "service_role";

revoke all on function "chat_private"."delete_account"(chat.deletion_mode, boolean, uuid) from public;

grant execute
  on function "chat_private"."delete_account"(chat.deletion_mode, boolean, uuid)
  to "authenticated", "service_role";

revoke all on function "chat_private"."erase_messages_of"(uuid) from public;

revoke all on function "chat_private"."erase_more_of"(uuid) from public;

revoke all on function "chat_private"."erase_name_in_changes"(uuid, integer) from public;

revoke all on function "chat_private"."erased_slug"(text) from public;

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
