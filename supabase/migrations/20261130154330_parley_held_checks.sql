-- held_checks: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

create table "chat_private"."held_checks" (
  "held_id" bigint                   not null,
  "due_at"  timestamp with time zone not null default now(),
  "tries"   smallint                 not null default 0,
  constraint "held_checks_pkey" primary key (held_id)
);

alter table "chat_private"."held_checks"
  enable row level security;

create or replace function chat_private.claim_checks (
  max_rows integer
)
  returns SETOF chat.held_messages
  language plpgsql
  security definer
  rows 20
  set search_path to ''
  AS $function$
declare
  -- Over half a day.
  most constant integer := 20;
begin
  delete from chat_private.held_checks as checks
  where checks.held_id in (
    select old.held_id from chat_private.held_checks as old
    join chat.held_messages as held on held.id = old.held_id
    where old.due_at <= now() and (old.tries >= most or held.rejected_at is not null)
    for update of old skip locked
  );
  return query
    with claimed as (
      update chat_private.held_checks as checks
      -- Until then no other worker asks.
      set due_at = now() + least(interval '1 minute' * 2 ^ checks.tries, interval '1 hour'), tries = checks.tries + 1
      where checks.held_id in (
        select due.held_id from chat_private.held_checks as due
        where due.due_at <= now()
        order by due.due_at
        limit max_rows
        for update skip locked
      )
      returning checks.held_id
    )
    select held.* from claimed join chat.held_messages as held on held.id = claimed.held_id order by held.id;
end;
$function$;

create or replace function chat_private.held_checked (
  held_id    bigint,
  is_allowed boolean,
  reason     text
)
  returns boolean
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  open_report bigint;
begin
  -- In the order in which a moderator locks them.
  select reports.id into open_report from chat.reports as reports
  where reports.target = 'message:' || -held_id and reports.state = 'open' for update;
  perform from chat.held_messages as held where held.id = held_checked.held_id for update;
  delete from chat_private.held_checks as checks where checks.held_id = held_checked.held_id;
  if open_report is null then
    return false; -- a moderator was faster
  elsif is_allowed then
    begin
      perform chat_private.resolve_report(open_report, 'dismiss', 'The checker has allowed it.', null);
      return true;
    exception when sqlstate 'PT400' or sqlstate 'PT403' or sqlstate 'PT404' then
      -- Who is muted, or has left, sends nothing: the moderators see it.
      return false;
    end;
  end if;
  update chat.reports as reports
  set note = left(concat_ws(': ', nullif(reports.note, ''), nullif(btrim(held_checked.reason), '')), 1000)
  where reports.id = open_report;
  return false;
end;
$function$;

create or replace function chat_private.hold_message (
  wanted chat.held_messages,
  word   text
)
  returns chat.messages
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 20;
  held chat.held_messages;
  answer chat.messages;
begin
  if (
    select count(*) from chat.held_messages as waiting where waiting.sender_id = wanted.sender_id and waiting.rejected_at is null
  ) >= most then
    raise sqlstate 'PT403' using message = 'too_many_held', detail = format('%s messages of yours wait for a moderator.', most);
  end if;
  -- What the attempt to send it has taken was given back with it.
  perform chat_private.take_tokens('send_message');
  insert into chat.held_messages (
    room_id, sender_id, client_id, content, metadata, reply_to_id, forwarded_from_id, attachments, mentions, mention_all
  )
  values (
    wanted.room_id, wanted.sender_id, coalesce(wanted.client_id, gen_random_uuid()), wanted.content, wanted.metadata,
    wanted.reply_to_id, wanted.forwarded_from_id, wanted.attachments, wanted.mentions, wanted.mention_all
  )
  returning * into held;
  insert into chat_private.held_checks (held_id) values (held.id);
  answer := chat_private.held_answer(held);
  insert into chat.reports (kind, message_id, user_id, room_id, reason, note, snapshot)
  values (
    'message', -held.id, held.sender_id, held.room_id, 'word_rule', left(word, 1000),
    jsonb_set(chat_private.message_snapshot(answer), '{message,held}', 'true')
  );
  return answer;
end;
$function$;

alter table "chat_private"."held_checks"
  add constraint "held_checks_held_id_fkey" foreign key (held_id) references chat.held_messages(id) on delete cascade;

create index held_checks_due_at_idx on chat_private.held_checks using btree (due_at);

comment on function "chat_private"."claim_checks"(integer) is 'Held messages to ask the checker about. Those about which it does not answer are due again in a minute, then in two, in the end in an hour; after 20 times they are left to the moderators.';

comment on function "chat_private"."held_checked"(bigint, boolean, text) is 'What the checker says of a held message: sends it, or leaves it to the moderators, with the reason in the note of its report. Returns whether it was sent.';

comment on table "chat_private"."held_checks" is 'Held messages about which the checker has not answered, and when to ask it next.';

revoke all on function "chat_private"."claim_checks"(integer) from public;

grant execute on function "chat_private"."claim_checks"(integer) to "service_role";

revoke all on function "chat_private"."held_checked"(bigint, boolean, text) from public;

grant execute on function "chat_private"."held_checked"(bigint, boolean, text) to "service_role";

-- What waits already. At most 20 of a person do.
insert into chat_private.held_checks (held_id) select id from chat.held_messages where rejected_at is null;

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
