-- flood_limits: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop function "chat_private"."draw"(uuid, text, bigint);

create or replace function chat_private.begin_reply (
  conversation_id uuid,
  question_id     bigint,
  responder       text,
  client_id       uuid    default null::uuid,
  base            integer default 0
)
  returns table (
    id       bigint,
    is_begun boolean
  )
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  caller uuid := auth.uid();
  reply chat.replies;
  most constant integer := 5;
begin
  perform chat_private.require_access();
  perform from chat.conversations as conversations
  where conversations.id = begin_reply.conversation_id and conversations.owner_id = caller
  for no key update;
  if not found then
    raise sqlstate 'PT404' using message = 'conversation_not_found', detail = 'No such conversation.';
  end if;
  perform from chat.conversation_messages as messages
  where messages.conversation_id = begin_reply.conversation_id and messages.id = begin_reply.question_id
    and messages.role = 'user';
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  end if;

  select * into reply from chat.replies as replies
  where replies.conversation_id = begin_reply.conversation_id and replies.client_id = begin_reply.client_id;
  if found then
    if reply.question_id <> begin_reply.question_id then
      raise sqlstate 'PT409' using message = 'client_id_reused', detail = 'This client_id was used for another question.';
    end if;
    return query select reply.id, false;
    return;
  end if;

  select * into reply from chat.replies as replies
  where replies.conversation_id = begin_reply.conversation_id and replies.state = 'running'
  for no key update;
  if found then
    if reply.lease_until >= now() then
      raise sqlstate 'PT409' using message = 'reply_running',
        detail = 'A reply is running in this conversation. Wait until it ends, or stop it.';
    end if;
    perform chat_private.end_lapsed_reply(reply);
  end if;

  -- Serializes the count.
  perform pg_advisory_xact_lock(hashtextextended('chat.replies:' || caller, 0));
  if (
    select count(*) from chat.replies as replies
    where replies.owner_id = caller and replies.ended_at is null and replies.lease_until >= now()
  ) >= most then
    raise sqlstate 'PT429' using message = 'too_many_replies',
      detail = format('At most %s replies can run at once. Wait until one ends, or stop it.', most);
  end if;
  perform chat_private.take_tokens('use_tokens', 0), chat_private.take_tokens('ask_assistant');
  insert into chat.replies (conversation_id, owner_id, question_id, client_id, responder, base)
  values (
    begin_reply.conversation_id, caller, begin_reply.question_id, begin_reply.client_id,
    left(begin_reply.responder, 200), begin_reply.base
  )
  returning * into reply;
  return query select reply.id, true;
end;
$function$;

create or replace function chat_private.conversations_started()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform chat_private.take_tokens('start_conversation', (select count(*) from started)::integer);
  return null;
end;
$function$;

create or replace function chat_private.draw (
  person_id uuid,
  action    text,
  amount    bigint,
  into_debt boolean default false
)
  returns double precision
  language plpgsql
  set search_path to ''
  AS $function$
declare
  rest double precision;
  state text;
begin
  perform chat_private.wait_for_bucket(person_id, action);
  loop
    update chat_private.buckets as buckets
    set (tokens, filled_at) = (
      -- The clock is read once, after waiting for another transaction: each moment fills the bucket.
      select chat_private.filled(buckets, limits, clock.read_at) - limits.cost * amount, greatest(buckets.filled_at, clock.read_at)
      from clock_timestamp() as clock (read_at)
    )
    from chat_private.limits as limits
    where limits.action = draw.action and limits.cost > 0
      and buckets.person_id = draw.person_id and buckets.action = draw.action
      and (into_debt or chat_private.filled(buckets, limits, clock_timestamp()) >= limits.cost * amount)
    returning buckets.tokens, concat_ws(
      ' ', limits.action, limits.capacity / limits.cost, ceil(limits.capacity / limits.per_second), floor(buckets.tokens / limits.cost),
      ceil((limits.capacity - buckets.tokens) / limits.per_second)
    )
    into rest, state;
    if found then
      perform set_config('chat.drawn', state, true);
      return rest;
    end if;
    insert into chat_private.buckets (person_id, action, tokens, filled_at)
    select draw.person_id, limits.action, limits.capacity, clock_timestamp()
    from chat_private.limits as limits where limits.action = draw.action and limits.cost > 0
    on conflict do nothing;
    if not found then
      select chat_private.filled(buckets, limits, clock_timestamp()) - limits.cost * amount into rest
      from chat_private.buckets as buckets
      join chat_private.limits as limits on limits.action = buckets.action and limits.cost > 0
      where buckets.person_id = draw.person_id and buckets.action = draw.action;
      -- Too few; or there is no limit.
      if not found or rest < 0 then
        return rest;
      end if;
    end if;
  end loop;
end;
$function$;

create or replace function chat_private.filled (
  bucket chat_private.buckets,
  rate   chat_private.limits,
  at     timestamp with time zone
)
  returns double precision
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  -- A clock that goes back fills no bucket twice.
  return least(rate.capacity, bucket.tokens + rate.per_second * greatest(extract(epoch from at - bucket.filled_at), 0));
end;
$function$;

create or replace function chat_private.message_changing()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  is_edit constant boolean :=
    (new.content, new.mentions, new.mentions_all) is distinct from (old.content, old.mentions, old.mentions_all);
  is_open boolean;
  pair text;
begin
  if old.deleted_at is not null then
    return old;
  end if;
  perform chat_private.count_row(new.content);
  perform chat_private.keep_digest(old);
  new.room_id := old.room_id;
  new.seq := old.seq;
  if new.deleted_at is null then
    if is_edit then
      if new.sender_id = (select auth.uid()) then
        perform chat_private.require_unmuted(new.sender_id), chat_private.apply_word_rules(new);
      end if;
      perform chat_private.take_token_of_row('edit_message');
    end if;
    new.edited_at := greatest(now(), new.created_at);
  else
    perform chat_private.take_tokens('delete_message');
    new := jsonb_populate_record(new, chat_private.without_text());
    new.edited_at := old.edited_at;
  end if;
  update chat.rooms set version = version + 1 where id = new.room_id
  returning version, posting = 'everyone' and locked_at is null, direct_key into new.version, is_open, pair;
  if is_edit and new.deleted_at is null then
    if not is_open then
      perform chat_private.require_open(new.room_id, 'posting');
    end if;
    if pair is not null and (select auth.uid()) is not null then
      perform chat_private.require_unblocked(pair);
    end if;
  end if;
  return new;
end;
$function$;

create or replace function chat_private.picture_stored()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  owner constant uuid := coalesce(auth.uid(), case when new.owner_id ~ '^[0-9a-f-]{36}$' then new.owner_id::uuid end);
begin
  -- What a backend stores has no owner. Storage answers other errors with 500.
  if owner is not null and chat_private.draw(owner, 'upload_picture', 1) < 0 then
    raise insufficient_privilege using message = 'rate_limited', detail = 'You have stored pictures too often. Try again later.';
  end if;
  return null;
end;
$function$;

create or replace function chat_private.pin_counted()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform chat_private.take_tokens('pin');
  return null;
end;
$$;

create or replace function chat_private.pin_removing()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_open(old.room_id, 'pinning'), chat_private.take_tokens('pin');
  return old;
end;
$function$;

create or replace function chat_private.profile_changing()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform chat_private.take_tokens('change_profile');
  return new;
end;
$function$;

create or replace function chat_private.room_changing()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- Not when the slug of a direct room follows a username.
  if current_user = 'authenticated' then
    perform chat_private.take_tokens('change_room');
  end if;
  new.version := old.version + 1;
  return new;
end;
$function$;

create or replace function chat_private.use_tokens (
  person_id uuid,
  amount    bigint
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if amount > 0 then
    perform chat_private.draw(person_id, 'use_tokens', amount, true);
  end if;
end;
$function$;

create trigger conversations_started after insert on chat.conversations
  referencing NEW table as started for each STATEMENT when (
  (CURRENT_USER = 'authenticated'::name)
) execute function chat_private.conversations_started();

create trigger pin_counted
  after insert on chat.pins
  for each row when (current_user = 'authenticated')
  execute function chat_private.pin_counted();

create trigger profile_changing
  before update on chat.profiles
  for each row
  when (((CURRENT_USER = 'authenticated'::name) AND (old.* IS DISTINCT FROM new.*)))
  execute function chat_private.profile_changing();

create trigger parley_picture_stored_on_insert
  after insert on storage.objects
  for each row
  when ((new.bucket_id = 'avatars'::text))
  execute function chat_private.picture_stored();

create trigger parley_picture_stored_on_update
  after update of version on storage.objects
  for each row
  when (((new.bucket_id = 'avatars'::text) AND (new.version IS DISTINCT FROM old.version)))
  execute function chat_private.picture_stored();

comment on function "chat"."delete_message"(bigint) is 'Replaces a message with a tombstone: one of the caller, or any as owner or admin. Does nothing for a tombstone. Raises message_not_found, role_required, rate_limited.';

comment on function "chat"."pin_message"(bigint) is 'Pins a message for everyone in its room; returns the pin of a message that is already pinned. Raises message_not_found, room_locked, role_required, not_reachable, rate_limited.';

comment on function "chat"."unpin_message"(bigint) is 'Unpins a message; does nothing if it is not pinned. Raises message_not_found, room_locked, role_required, rate_limited.';

comment on function
  "chat"."update_room"(bigint, text, text, boolean, text, integer, chat.who_may, chat.who_may, chat.who_may, boolean,
  text, chat.way_to_join) is 'Updates the given columns of a group, as its owner or an admin; an empty avatar_url removes the picture. slow_mode_seconds, up to 21,600, is how long members wait between two messages. posting, inviting and pinning say who does that: everyone or admins. While it is locked, only admins write, edit, react and pin; an empty locked_reason removes the reason. joining says whether everyone joins a public group at once: open or request. Raises room_not_found, not_a_member, role_required, rate_limited.';

comment on function "chat_private"."draw"(uuid, text, bigint, boolean) is 'Takes tokens of a person, and returns how many are left; with too few it takes none, and returns how many are missing as a negative number, unless the bucket may go into debt. Null if there is no limit. Raises try_again.';

comment on function "chat_private"."filled"(chat_private.buckets, chat_private.limits, timestamp
  with time zone) is 'How many tokens a bucket has at a time.';

revoke all on function "chat_private"."conversations_started"() from public;

revoke all on function "chat_private"."draw"(uuid, text, bigint, boolean) from public;

revoke all
  on function "chat_private"."filled"(chat_private.buckets, chat_private.limits, timestamp with time zone)
  from public;

revoke all on function "chat_private"."picture_stored"() from public;

revoke all on function "chat_private"."pin_counted"() from public;

revoke all on function "chat_private"."profile_changing"() from public;

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

insert into chat_private.limits (action, capacity, per_second) values
  ('delete_message', 5000, 20),
  ('pin', 1000, 1),
  ('upload_picture', 200, 0.1),
  ('change_room', 1000, 1),
  ('change_profile', 1000, 1),
  ('start_conversation', 500, 0.1)
on conflict do nothing;
