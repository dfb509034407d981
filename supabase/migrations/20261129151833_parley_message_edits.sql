-- message_edits: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create table "chat"."message_edits" (
  "message_id" bigint                   not null,
  "version"    bigint                   not null,
  "room_id"    bigint                   not null,
  "content"    text                     not null,
  "written_at" timestamp with time zone not null,
  constraint "message_edits_pkey" primary key (message_id, version)
);

alter table "chat"."message_edits"
  enable row level security;

create or replace function chat_private.is_modest_query (
  query text
)
  returns boolean
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  bare text;
  part text;
  depth integer := 0;
  -- The depth in parentheses of the current list; null outside lists.
  list integer;
begin
  -- Not about this schema: the statement reads a project's own tables, whose policies may read chat.
  if query !~ '\mchat"?\.' then
    return true;
  end if;
  -- search_messages() searches the texts of messages.
  if query ~ '"chat"\."message(s|_edits)"' and query ~* '"(content|forwarded_content|metadata)"\S*( is)?( not)? +i?like ' then
    return false;
  end if;
  bare := regexp_replace(query, '"([^"]|"")*"|''([^'']|'''')*''', '""', 'g');
  -- Regular expressions, and full-text searches without an index.
  if bare ~ '~|@@' then
    return false;
  end if;
  if regexp_count(bare, '\m(from|join)\s+("")?\w*\.', 1, 'i') > 8 then
    return false;
  end if;
  if regexp_count(bare, '\mjson_agg\(', 1, 'i') > 1 then
    for part in select (regexp_matches(bare, '\mcoalesce\(json_agg\M|\mjson_agg\M|[()]', 'gi'))[1] loop
      if part = '(' then
        depth := depth + 1;
      elsif part = ')' then
        depth := depth - 1;
        if depth < list then
          list := null;
        end if;
      elsif depth > list then
        return false;
      else
        list := depth;
        depth := depth + sign(strpos(part, '('))::integer;
      end if;
    end loop;
  end if;
  return true;
end;
$function$;

create or replace function chat_private.message_edited()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  most_kept constant integer := 100;
begin
  if new.deleted_at is not null then
    delete from chat.message_edits where message_id = new.id;
    return null;
  end if;
  insert into chat.message_edits (message_id, version, room_id, content, written_at)
  values (old.id, old.version, old.room_id, old.content, coalesce(old.edited_at, old.created_at));
  delete from chat.message_edits as edits
  where edits.message_id = new.id and edits.version <= (
    select kept.version from chat.message_edits as kept
    where kept.message_id = new.id order by kept.version desc limit 1 offset most_kept
  );
  return null;
end;
$function$;

alter table "chat"."message_edits"
  add constraint "message_edits_message_id_fkey" foreign key (message_id) references chat.messages(id) on delete cascade;

create trigger message_edited
  after update on chat.messages
  for each row
  when ((new.content IS DISTINCT FROM old.content))
  execute function chat_private.message_edited();

create policy "members can read what messages said before" on "chat"."message_edits"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND (room_id in ( select
    chat_private.my_room_ids() as my_room_ids))));

comment on column "chat"."message_edits"."written_at" is 'When the message was sent, or edited, with this text.';

comment on table "chat"."message_edits" is 'A text that an edit of a message has replaced.';

revoke all on function "chat_private"."message_edited"() from public;

grant select on table "chat"."message_edits" to "authenticated";

grant delete, insert, select, update on table "chat"."message_edits" to "service_role";

-- sql/900_grants.sql
-- By default Postgres lets every role execute a new function. This revokes it; each function that clients may call has its
-- grant beside it.
revoke execute on all functions in schema chat, chat_private from public, anon;

-- Policies for every role call these two. A role without usage of the schema cannot call them by name.
grant execute on function chat_private.is_chat_topic, chat_private.is_my_topic to public;

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
