-- search_conversations: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create or replace function chat.search_conversations (
  query           text,
  conversation_id uuid                     default null::uuid,
  before_id       bigint                   default null::bigint,
  max_rows        integer                  default 50,
  sent_after      timestamp with time zone default null::timestamp with time zone,
  sent_before     timestamp with time zone default null::timestamp with time zone
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_caller(), chat_private.require_query(query);
  return chat_private.search_conversations(query, conversation_id, before_id, max_rows, sent_after, sent_before);
end;
$function$;

create or replace function chat_private.search_conversations (
  query           text,
  conversation_id uuid,
  before_id       bigint,
  max_rows        integer,
  sent_after      timestamp with time zone,
  sent_before     timestamp with time zone
)
  returns jsonb
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  most_read constant integer := 1000;
  -- About a tenth of a second, when all of it must be taken apart into words.
  most_text constant integer := 300000;
  me constant uuid := (select auth.uid());
  wanted constant chat_private.search := chat_private.search_for(query);
  patterns constant text[] := chat_private.word_patterns(wanted);
  most_found constant integer := least(greatest(coalesce(max_rows, 50), 1), 1000);
  start chat.conversations;
  conversation chat.conversations;
  message chat.conversation_messages;
  read integer := 0;
  read_text integer := 0;
  folded text;
  found jsonb[] := '{}';
begin
  if search_conversations.conversation_id is not null and not exists (
    select from chat.conversations as own where own.id = search_conversations.conversation_id and own.owner_id = me
  ) then
    raise sqlstate 'PT404' using message = 'conversation_not_found', detail = 'No such conversation.';
  end if;
  if before_id is not null then
    select own.* into start
    from chat.conversation_messages as last
    join chat.conversations as own on own.id = last.conversation_id
    where last.id = before_id and own.owner_id = me;
    if start is null then
      raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
    end if;
  end if;
  for conversation in
    select own.* from chat.conversations as own
    where own.owner_id = me
      and (search_conversations.conversation_id is null or own.id = search_conversations.conversation_id)
      and (start.id is null or (own.created_at, own.id) <= (start.created_at, start.id))
    order by own.created_at desc, own.id desc
  loop
    for message in
      select messages.* from chat.conversation_messages as messages
      where messages.conversation_id = conversation.id
        and messages.id < case when conversation.id = start.id then before_id else 9223372036854775807 end
      order by messages.id desc
    loop
      read := read + 1;
      read_text := read_text + char_length(message.content);
      folded := chat_private.fold(message.content);
      if (sent_after is null or message.created_at >= sent_after) and (sent_before is null or message.created_at < sent_before)
        and (position(wanted.part in folded) > 0 or folded like any (patterns) and chat_private.is_found(message.content, wanted))
        -- The newest reply to a question is the one that is shown.
        and not exists (
          select from chat.conversation_messages as later
          where later.conversation_id = message.conversation_id and later.reply_to_id = message.reply_to_id and later.id > message.id
        )
      then
        found := found || jsonb_build_object(
          'id', message.id, 'conversation_id', conversation.id, 'title', conversation.title, 'role', message.role,
          'content', message.content, 'created_at', message.created_at
        );
      end if;
      if cardinality(found) >= most_found or read >= most_read or read_text >= most_text then
        return jsonb_build_object('messages', found, 'before_id', message.id);
      end if;
    end loop;
  end loop;
  return jsonb_build_object('messages', found, 'before_id', null);
end;
$function$;

create or replace function chat_private.word_patterns (
  wanted chat_private.search
)
  returns text[]
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return array(
    select '%' || regexp_replace(
      -- Stemming changes no more than the end of a word, except in short ones such as dying.
      left(longest.lexeme, case when char_length(longest.lexeme) < 4 then 1 else 3 end), '([\\%_])', '\\\1', 'g'
    ) || '%'
    from jsonb_array_elements(wanted.alternatives) as alternative
    cross join lateral (
      select lexeme from jsonb_array_elements_text(alternative) as lexeme order by char_length(lexeme) desc limit 1
    ) as longest
  );
end;
$function$;

comment on function "chat"."search_conversations"(text, uuid, bigint, integer, timestamp with time zone, timestamp
  with time zone) is 'A page of what was said in the conversations of the caller, or in one: the messages that search_messages() would find by this text, the newest conversation and in it the newest message first, as {messages, before_id}. before_id begins the next page; it is null at the end. A page can have fewer messages than requested, even none, before the end. Raises invalid_query, conversation_not_found, message_not_found, caller_required.';

comment on function "chat_private"."word_patterns"(chat_private.search) is 'Patterns of which one matches each folded text that has the words of a search: the beginning of the longest word of each alternative.';

revoke all
  on function "chat"."search_conversations"(text, uuid, bigint, integer, timestamp with time zone, timestamp
    with time zone)
  from public;

grant execute
  on function "chat"."search_conversations"(text, uuid, bigint, integer, timestamp with time zone, timestamp
    with time zone)
  to "authenticated", "service_role";

revoke all
  on function "chat_private"."search_conversations"(text, uuid, bigint, integer, timestamp with time zone, timestamp
    with time zone)
  from public;

grant execute
  on function "chat_private"."search_conversations"(text, uuid, bigint, integer, timestamp with time zone, timestamp
    with time zone)
  to "authenticated", "service_role";

revoke all on function "chat_private"."word_patterns"(chat_private.search) from public;

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
