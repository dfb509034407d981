-- exported_bans: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create or replace function chat_private.export_lines (
  account  uuid,
  section  text,
  after    text,
  max_rows integer
)
  returns table (
    key  text,
    line jsonb
  )
  language plpgsql
  stable
  rows 100
  set search_path to ''
  AS $function$
#variable_conflict use_column
declare
  after_id constant bigint := case
    when section in (
      'membership', 'post', 'message', 'held_message', 'invitation', 'join_request', 'invite_link', 'notice', 'report', 'room_ban'
    )
    then coalesce(after, '0')::bigint
  end;
  after_uuid constant uuid := case
    when section in ('friend', 'block', 'upload', 'conversation') then coalesce(after, '00000000-0000-0000-0000-000000000000')::uuid
  end;
begin
  case section
    when 'account' then
      return query select 'all', jsonb_build_object(
        'id', users.id, 'email', users.email, 'phone', users.phone, 'created_at', users.created_at,
        'last_sign_in_at', users.last_sign_in_at, 'user_metadata', users.raw_user_meta_data,
        'providers', (
          select coalesce(jsonb_agg(identities.provider order by identities.provider), '[]')
          from auth.identities as identities where identities.user_id = users.id
        )
      )
      from auth.users as users where users.id = account and after is null;
    when 'profile' then
      return query select 'all', to_jsonb(profiles) from chat.profiles as profiles where profiles.id = account and after is null;
    when 'status' then
      return query select 'all', to_jsonb(status) - 'user_id' - 'announced_online'
      from chat.user_status as status where status.user_id = account and after is null;
    when 'suspension' then
      return query select 'all', to_jsonb(suspensions) - 'user_id' - 'created_by'
      from chat.suspensions as suspensions where suspensions.user_id = account and after is null;
    when 'mute' then
      return query select 'all', to_jsonb(mutes) - 'user_id' from chat.mutes as mutes where mutes.user_id = account and after is null;
    when 'room_ban' then
      return query select bans.room_id::text, to_jsonb(bans) - 'user_id' - 'banned_by' || jsonb_build_object('name', rooms.name)
      from chat.room_bans as bans
      join chat.rooms as rooms on rooms.id = bans.room_id
      where bans.user_id = account and bans.room_id > after_id
      order by bans.room_id
      limit max_rows;
    when 'membership' then
      return query select members.room_id::text,
        to_jsonb(chat_private.true_marks(members)) - 'user_id' || jsonb_build_object(
          'kind', rooms.kind, 'name', rooms.name, 'slug', rooms.slug,
          'with_username', case when rooms.kind = 'direct' then (
            select people.username from chat.room_members as others
            join chat.profiles as people on people.id = others.user_id
            where others.room_id = rooms.id and others.user_id <> account
          ) end
        )
      from chat.room_members as members
      join chat.rooms as rooms on rooms.id = members.room_id
      where members.user_id = account and members.room_id > after_id
      order by members.room_id
      limit max_rows;
    when 'friend' then
      return query select friends.friend_id::text, to_jsonb(friends) - 'user_id' || jsonb_build_object('username', people.username)
      from chat.friendships as friends
      join chat.profiles as people on people.id = friends.friend_id
      where friends.user_id = account and friends.friend_id > after_uuid
      order by friends.friend_id
      limit max_rows;
    when 'block' then
      return query select blocks.blocked_id::text, to_jsonb(blocks) - 'user_id' || jsonb_build_object('username', people.username)
      from chat.blocks as blocks
      join chat.profiles as people on people.id = blocks.blocked_id
      where blocks.user_id = account and blocks.blocked_id > after_uuid
      order by blocks.blocked_id
      limit max_rows;
    when 'post' then
      return query select posts.id::text, to_jsonb(posts) - 'author_id' from chat.posts as posts
      where posts.author_id = account and posts.id > after_id
      order by posts.id
      limit max_rows;
    when 'message' then
      return query select messages.id::text, chat_private.exported_message(messages)
      from (
        select own.id from (select own.id from chat.messages as own where own.sender_id = account offset 0) as own
        where own.id > after_id
        order by own.id
        limit max_rows
      ) as page
      join chat.messages as messages on messages.id = page.id
      order by messages.id;
    when 'reaction' then
      return query select own.message_id || ' ' || own.emoji, to_jsonb(own)
      from (
        select reactions.message_id, reactions.room_id, reactions.emoji collate "C" as emoji, reactions.created_at
        from chat.reactions as reactions where reactions.user_id = account
        offset 0
      ) as own
      where (own.message_id, own.emoji) > (coalesce(split_part(after, ' ', 1), '0')::bigint, coalesce(split_part(after, ' ', 2), ''))
      order by own.message_id, own.emoji
      limit max_rows;
    when 'upload' then
      return query select files.id::text, to_jsonb(files) - 'uploader_id' from chat.attachments as files
      where files.uploader_id = account and files.message_id is null and files.id > after_uuid
      order by files.id
      limit max_rows;
    when 'conversation' then
      return query select talks.id::text, to_jsonb(talks) - 'owner_id' - 'deleted_at' from chat.conversations as talks
      where talks.owner_id = account and talks.id > after_uuid
      order by talks.id
      limit max_rows;
    when 'conversation_message' then
      return query select page.conversation_id || ' ' || page.id, to_jsonb(page)
      from (
        select owned.id from chat.conversations as owned
        where owned.owner_id = account and (after is null or owned.id >= split_part(after, ' ', 1)::uuid)
        order by owned.id
        offset 0
      ) as talks
      -- One conversation after the other, in this order.
      cross join lateral (
        select messages.* from chat.conversation_messages as messages
        where messages.conversation_id = talks.id
          and (talks.id <> split_part(after, ' ', 1)::uuid or messages.id > split_part(after, ' ', 2)::bigint or after is null)
        order by messages.id
        limit max_rows
      ) as page
      limit max_rows;
    when 'held_message' then
      return query select held.id::text, to_jsonb(held) - 'sender_id' from chat.held_messages as held
      where held.sender_id = account and held.id > after_id
      order by held.id
      limit max_rows;
    when 'invitation' then
      return query select invitations.id::text, to_jsonb(invitations) - 'user_id' from chat.invitations as invitations
      where invitations.user_id = account and invitations.id > after_id
      order by invitations.id
      limit max_rows;
    when 'join_request' then
      return query select requests.id::text, to_jsonb(requests) - 'user_id' from chat.join_requests as requests
      where requests.user_id = account and requests.id > after_id
      order by requests.id
      limit max_rows;
    when 'invite_link' then
      return query select links.id::text, to_jsonb(links) - 'created_by' from chat.invite_links as links
      where links.created_by = account and links.id > after_id
      order by links.id
      limit max_rows;
    when 'notice' then
      return query select notices.id::text, to_jsonb(notices) - 'user_id' from chat.notices as notices
      where notices.user_id = account and notices.id > after_id
      order by notices.id
      limit max_rows;
    when 'report' then
      -- Not what moderators did, nor what others wrote.
      return query select reports.id::text, jsonb_build_object(
        'id', reports.id, 'kind', reports.kind, 'message_id', reports.message_id, 'user_id', reports.user_id, 'room_id', reports.room_id,
        'reason', reports.reason, 'note', reports.note, 'state', reports.state, 'created_at', reports.created_at
      )
      from chat.reports as reports
      where reports.reporter_id = account and reports.id > after_id
      order by reports.id
      limit max_rows;
  end case;
end;
$function$;

create or replace function chat_private.export_sections()
  returns text[]
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select array[
    'account', 'profile', 'status', 'membership', 'friend', 'block', 'post', 'message', 'reaction', 'upload', 'conversation',
    'conversation_message', 'held_message', 'invitation', 'join_request', 'invite_link', 'notice', 'report', 'room_ban', 'mute',
    'suspension'
  ];
$function$;

-- sql/900_grants.sql
-- By default Postgres lets every role execute a new function. This revokes it; each function that clients may call has its
-- grant beside it.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- Policies for every role call these. A role without usage of the schema cannot call them by name.
grant execute on function
  chat_private.is_chat_topic, chat_private.is_my_topic, chat_private.is_chat_file, chat_private.is_my_upload,
  chat_private.may_read_file, chat_private.has_access, chat_private.shows_presence
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
