-- held_messages, 1 of 2: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

alter table "chat_private"."word_rules"
  drop constraint "word_rules_action_check";

create table "chat"."held_messages" (
  "id"                bigint                   generated always as identity not null,
  "room_id"           bigint                   not null,
  "sender_id"         uuid                     not null,
  "client_id"         uuid                     not null,
  "content"           text                     not null,
  "metadata"          jsonb                    not null,
  "reply_to_id"       bigint,
  "forwarded_from_id" bigint,
  "attachments"       jsonb                    not null,
  "mentions"          uuid[]                   not null,
  "mention_all"       boolean                  not null,
  "created_at"        timestamp with time zone not null default now(),
  "rejected_at"       timestamp with time zone,
  constraint "held_messages_pkey" primary key (id),
  constraint "held_messages_sender_id_client_id_key" unique (sender_id, client_id)
);

alter table "chat"."held_messages"
  enable row level security;

create or replace function chat_private.act_on (
  report chat.reports,
  action chat.moderation_action,
  note   text,
  until  timestamp with time zone
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  if action = 'delete' and report.kind = 'user' or action = 'ban_from_room' and report.kind <> 'message'
    or action in ('warn', 'mute', 'suspend') and report.user_id is null
  then
    raise sqlstate 'PT400' using message = 'invalid_resolution', detail = 'This action does not answer a report of this kind.';
  elsif action not in ('dismiss', 'delete') then
    perform chat_private.require_moderator(report.user_id);
    perform chat_private.require_people(array[report.user_id]);
  end if;
  if report.message_id < 0 then
    report.message_id := chat_private.answer_held(report, action = 'dismiss', case when action = 'delete' then note end);
  end if;
  case action
    when 'dismiss' then
      perform chat_private.audit('dismissed', report.user_id, report.room_id, report.message_id, note);
    when 'delete' then
      perform chat_private.delete_reported(report, note);
    when 'warn' then
      perform chat_private.audit('warning', report.user_id, report.room_id, report.message_id, note);
      perform chat_private.give_notice(report.user_id, 'warning', note, null, report.room_id, report.message_id);
    when 'mute' then
      perform chat_private.mute_user(report.user_id, until, note);
    when 'ban_from_room' then
      perform chat_private.ban_member(report.room_id, report.user_id, until, note);
    else
      perform chat_private.suspend_user(report.user_id, until, note);
  end case;
end;
$function$;

create or replace function chat_private.answer_held (
  report      chat.reports,
  is_approved boolean,
  told        text
)
  returns bigint
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  own_claims constant text := coalesce(current_setting('request.jwt.claims', true), '');
  own_id constant text := coalesce(current_setting('request.jwt.claim.sub', true), '');
  held chat.held_messages;
  sent_id bigint;
begin
  select * into held from chat.held_messages as waiting where waiting.id = -report.message_id and waiting.rejected_at is null for update;
  if not found then
    return null;
  elsif not is_approved then
    update chat.held_messages set rejected_at = now() where id = held.id;
    if told is not null then
      perform chat_private.give_notice(held.sender_id, 'message_deleted', told, null, held.room_id);
    end if;
    return null;
  end if;
  -- As a backend sends for somebody: limits, slow mode and rules are not the moderator's.
  perform set_config('request.jwt.claims', '', true), set_config('request.jwt.claim.sub', '', true);
  sent_id := (chat_private.insert_message(held)).id;
  perform set_config('request.jwt.claims', own_claims, true), set_config('request.jwt.claim.sub', own_id, true);
  delete from chat.held_messages where id = held.id;
  return coalesce(
    sent_id, (select id from chat.messages as earlier where (earlier.sender_id, earlier.client_id) = (held.sender_id, held.client_id))
  );
end;
$function$;

create or replace function chat_private.apply_word_rules (
  message chat.messages
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  -- As it reads: letters of other widths, and characters that nobody sees, hide no word.
  shown constant text := normalize(chat_private.visible(regexp_replace(message.content, '\s+', ' ', 'g')), nfkc);
  rule chat_private.word_rules;
begin
  if (select auth.uid()) is null then
    return;
  end if;
  -- The strictest first.
  for rule in
    select * from chat_private.word_rules as rules where shown ~* rules.pattern
    order by array_position(array['refuse', 'hold', 'flag'], rules.action), rules.id
  loop
    if rule.action = 'refuse' then
      raise sqlstate 'PT400' using message = 'word_refused',
        detail = format('A message may not say “%s” here.', regexp_substr(shown, rule.pattern, 1, 1, 'i'));
    elsif rule.action = 'hold' then
      raise sqlstate 'PT403' using message = 'message_held',
        detail = 'A moderator must approve this first: send it with send_message(), as a new message.',
        hint = regexp_substr(shown, rule.pattern, 1, 1, 'i');
    end if;
    insert into chat.reports (kind, message_id, user_id, room_id, reason, note, snapshot)
    values (
      'message', message.id, message.sender_id, message.room_id, 'word_rule',
      left(regexp_substr(shown, rule.pattern, 1, 1, 'i'), 1000), chat_private.message_snapshot(message)
    )
    on conflict (target) where state = 'open' and reason = 'word_rule' do nothing;
  end loop;
end;
$function$;

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
    when section in ('membership', 'post', 'message', 'held_message', 'invitation', 'join_request', 'invite_link', 'notice', 'report')
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
    'conversation_message', 'held_message', 'invitation', 'join_request', 'invite_link', 'notice', 'report', 'suspension'
  ];
$function$;

create or replace function chat_private.held_answer (
  held chat.held_messages
)
  returns chat.messages
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return jsonb_populate_record(
    null::chat.messages,
    chat_private.without_text() || to_jsonb(held) - 'id' || jsonb_build_object(
      'seq', 0, 'version', 0, 'mentions', chat_private.to_mention(held.mentions), 'mentions_all', held.mention_all
    )
  );
end;
$function$;

create or replace function chat_private.held_before (
  wanted chat.held_messages
)
  returns chat.messages
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  held chat.held_messages;
begin
  select * into held from chat.held_messages as earlier
  where earlier.sender_id = wanted.sender_id and earlier.client_id = wanted.client_id;
  if not found then
    return null;
  elsif chat_private.held_content(held) <> chat_private.held_content(wanted) then
    perform chat_private.refuse_reused_key();
  elsif held.rejected_at is not null then
    raise sqlstate 'PT403' using message = 'message_rejected', detail = 'A moderator has rejected this message.';
  end if;
  return chat_private.held_answer(held);
end;
$function$;

create or replace function chat_private.held_content (
  held chat.held_messages
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  AS $function$
  select jsonb_build_array(held.room_id, held.forwarded_from_id, held.reply_to_id) || case
    -- The original may have been edited since.
    when held.forwarded_from_id is null
    then jsonb_build_array(held.content, held.metadata, held.attachments, held.mentions, held.mention_all)
    else '[]'
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
  answer := chat_private.held_answer(held);
  insert into chat.reports (kind, message_id, user_id, room_id, reason, note, snapshot)
  values (
    'message', -held.id, held.sender_id, held.room_id, 'word_rule', left(word, 1000),
    jsonb_set(chat_private.message_snapshot(answer), '{message,held}', 'true')
  );
  return answer;
end;
$function$;

create or replace function chat_private.insert_message (
  wanted chat.held_messages
)
  returns chat.messages
  language plpgsql
  set search_path to ''
  AS $function$
declare
  message chat.messages;
begin
  insert into chat.messages (
    room_id, content, client_id, reply_to_id, forwarded_from_id, metadata, sender_id, attachments, mentions, mentions_all
  )
  values (
    wanted.room_id, wanted.content, wanted.client_id, wanted.reply_to_id, wanted.forwarded_from_id, wanted.metadata, wanted.sender_id,
    wanted.attachments, chat_private.to_mention(wanted.mentions), wanted.mention_all
  )
  on conflict on constraint messages_client_id_key do nothing
  returning * into message;
  return message;
end;
$function$;

create or replace function chat_private.job_forget_held()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 1000;
  forgotten integer;
begin
  delete from chat.held_messages as held where held.id in (
    select old.id from chat.held_messages as old where old.rejected_at < now() - interval '30 days' order by old.rejected_at limit most
  );
  get diagnostics forgotten = row_count;
  return forgotten = most;
end;
$function$;

create or replace function chat_private.job_forget_uploads()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  most constant integer := 200;
  removed integer;
begin
  delete from chat.attachments where id in (
    select attachments.id from chat.attachments as attachments
    where attachments.message_id is null and attachments.created_at < now() - interval '1 day'
      and not exists (
        select from chat.held_messages as held
        where held.attachments <> '[]' and held.rejected_at is null
          and held.attachments @> jsonb_build_array(jsonb_build_object('id', attachments.id))
      )
    order by attachments.created_at
    limit most
    for update skip locked
  );
  get diagnostics removed = row_count;
  return removed = most;
end;
$function$;

create or replace function chat_private.require_word_rule (
  pattern text,
  action  text
)
  returns void
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  if coalesce(action, '') not in ('flag', 'refuse', 'hold') then
    raise sqlstate 'PT400' using message = 'invalid_word_rule', detail = 'A rule flags a message, holds it, or refuses it.';
  elsif coalesce(char_length(pattern), 0) not between 1 and 500 then
    raise sqlstate 'PT400' using message = 'invalid_word_rule', detail = 'Give a pattern of 1 to 500 characters.';
  elsif '' ~* pattern then
    raise sqlstate 'PT400' using message = 'invalid_word_rule', detail = 'This pattern would be found in every message.';
  end if;
exception when invalid_regular_expression then
  raise sqlstate 'PT400' using message = 'invalid_word_rule', detail = format('This is no regular expression: %s.', sqlerrm);
end;
$function$;

create or replace function chat_private.send_message (
  room_id           bigint,
  content           text,
  client_id         uuid,
  reply_to_id       bigint,
  forwarded_from_id bigint,
  metadata          jsonb,
  sender_id         uuid,
  attachment_ids    uuid[],
  mentions          uuid[],
  mention_all       boolean
)
  returns chat.messages
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  wanted chat.held_messages;
  message chat.messages;
begin
  -- A filter of the Data API on the sent message would run in the same statement.
  perform chat_private.require_modest_query();
  if sender_id is distinct from auth.uid() and not chat_private.is_backend() then
    raise sqlstate 'PT403' using message = 'sender_required', detail = 'Only a backend can send as another user.';
  elsif sender_id is null and not chat_private.is_backend() then
    perform chat_private.require_caller();
  end if;
  if cardinality(attachment_ids) > 0 and send_message.forwarded_from_id is not null then
    raise sqlstate 'PT400' using message = 'invalid_attachment', detail = 'A forwarded message has the files of the original.';
  end if;
  wanted.room_id := send_message.room_id;
  wanted.sender_id := send_message.sender_id;
  wanted.client_id := send_message.client_id;
  wanted.content := send_message.content;
  wanted.metadata := coalesce(send_message.metadata, '{}');
  wanted.reply_to_id := send_message.reply_to_id;
  wanted.forwarded_from_id := send_message.forwarded_from_id;
  wanted.attachments := case
    when cardinality(attachment_ids) > 0
    then chat_private.attached(send_message.room_id, send_message.sender_id, attachment_ids, send_message.client_id)
    else '[]'
  end;
  wanted.mentions := coalesce(send_message.mentions, '{}');
  wanted.mention_all := coalesce(send_message.mention_all, false);
  if not exists (select from chat_private.word_rules as rules where rules.action = 'hold') then
    message := chat_private.insert_message(wanted);
  else
    message := chat_private.send_or_hold(wanted);
    if message.seq = 0 then
      return message;
    end if;
  end if;

  perform set_config('chat.repeated', (message.id is null)::text, true);
  if message.id is null then
    select * into message from chat.messages as messages
    where messages.sender_id = send_message.sender_id and messages.client_id = send_message.client_id;
  end if;
  return message;
end;
$function$;

create or replace function chat_private.send_or_hold (
  wanted chat.held_messages
)
  returns chat.messages
  language plpgsql
  set search_path to ''
  AS $function$
declare
  held chat.messages;
  refusal text;
  word text;
begin
  perform chat_private.lock_key(wanted.sender_id, wanted.client_id);
  held := chat_private.held_before(wanted);
  if held.seq = 0 then
    return held;
  end if;
  begin
    return chat_private.insert_message(wanted);
  exception when sqlstate 'PT403' then
    get stacked diagnostics refusal = message_text, word = pg_exception_hint;
    if refusal <> 'message_held' then
      raise;
    end if;
  end;
  return chat_private.hold_message(wanted, word);
end;
$function$;

alter table "chat"."held_messages"
  add constraint "held_messages_room_id_fkey" foreign key (room_id) references chat.rooms(id) on delete cascade;

alter table "chat"."held_messages"
  add constraint "held_messages_sender_id_fkey" foreign key (sender_id) references chat.profiles(id) on delete cascade;

alter table "chat_private"."word_rules"
  add constraint "word_rules_action_check" check ((action = ANY (ARRAY['flag'::text, 'refuse'::text, 'hold'::text])))
    not valid;

create index held_messages_attachments_idx on chat.held_messages using gin (attachments)
  where (attachments <> '[]'::jsonb);

create index held_messages_rejected_at_idx on chat.held_messages using btree (rejected_at)
  where (rejected_at is not null);

create index held_messages_room_id_idx on chat.held_messages using btree (room_id);

create policy "people can read what is held of theirs" on "chat"."held_messages"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND (sender_id = ( select auth.uid() as
    uid))));

comment on column "chat_private"."word_rules"."action" is 'flag reports the message, hold keeps it until a moderator approves, and refuse refuses it.';

comment on function "chat"."add_word_rule"(text, text) is 'Adds a rule of what messages may not say, as an administrator: a regular expression of Postgres, in any case, that flags a message, holds it until a moderator approves, or refuses it. The same pattern again changes what it does. Raises administrator_required, invalid_word_rule.';

comment on function "chat"."edit_message"(bigint, text, uuid[], boolean) is 'Edits a message of the caller. Given mentions replace the earlier ones; without them these stay. Raises message_not_found, sender_required, invalid_mentions, member_not_found, role_required, room_locked, not_reachable, muted, word_refused, message_held, rate_limited.';

comment on function "chat"."forward_message"(bigint, bigint, uuid, bigint) is 'Sends the content of a message to another room, as a message of the caller. It stays when the original is edited or deleted. Raises message_not_found, room_not_found, not_a_member, not_reachable, room_locked, role_required, rate_limited, muted, word_refused, message_rejected, too_many_held, slow_mode, client_id_reused, caller_required.';

comment on function "chat"."resolve_report"(bigint, chat.moderation_action, text, timestamp
  with time zone) is 'Answers a report and all others that are open about the same thing, as a moderator: dismiss, delete the message or the group, warn, mute, ban from the room, or suspend, until a time or without an end. The person concerned receives the note; who has reported it learns that it was answered. A message that a word rule holds is sent by dismiss, and rejected by anything else. Raises moderator_required, report_not_found, report_resolved, invalid_resolution, invalid_until, user_not_found, room_not_found, direct_room_fixed.';

comment on function "chat"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[], uuid[], boolean) is
  'Sends a message as the caller; a backend names the sender, or none. A retry with the same client_id returns the first message. Its files were announced by begin_upload() and uploaded; with files the content may be empty. It can mention up to 50 members, or all: in a room of more than 50 as an admin. Raises room_not_found, not_a_member, message_not_found, client_id_reused, sender_required, invalid_attachment, attachment_not_found, attachment_not_uploaded, invalid_mentions, member_not_found, role_required, room_locked, not_reachable, muted, word_refused, message_rejected, too_many_held, rate_limited, slow_mode. A message that a word rule holds is returned without an id and with seq 0: it waits for a moderator.';

comment on function "chat_private"."answer_held"(chat.reports, boolean, text) is 'Sends what is held, or rejects it, and tells the sender why; returns the id of the message that was sent. Does nothing for what is gone. Raises what a send does, such as not_a_member and muted.';

comment on function "chat_private"."apply_word_rules"(chat.messages) is 'Refuses a message for what it says, or reports it to the moderators, once. Raises word_refused, message_held.';

comment on function "chat_private"."held_answer"(chat.held_messages) is 'What is held, as the message that it may become: without an id, with seq and version 0.';

comment on function "chat_private"."held_before"(chat.held_messages) is 'What is held under the same client_id, or null. Raises client_id_reused, message_rejected.';

comment on function "chat_private"."held_content"(chat.held_messages) is 'What makes two sends with one client_id the same.';

comment on function "chat_private"."hold_message"(chat.held_messages, text) is 'Keeps a message for the moderators, with a report whose message_id is the negative id of what is held. Raises too_many_held, rate_limited.';

comment on function "chat_private"."insert_message"(chat.held_messages) is 'Sends a message; null if it was sent before.';

comment on function "chat_private"."job_forget_held"() is 'Forgets what moderators rejected 30 days ago.';

comment on function "chat_private"."job_forget_uploads"() is 'Gives up files that were not sent within a day, and do not wait with their message for a moderator.';

comment on function "chat_private"."send_or_hold"(chat.held_messages) is 'Sends a message, after every check, or keeps it for the moderators if a word rule holds it: then its seq is 0. Its row is null for one that was sent before. Raises what a send does, too_many_held, message_rejected.';

comment on table "chat"."held_messages" is 'Messages that wait for a moderator, or were rejected by one.';

revoke all on function "chat_private"."answer_held"(chat.reports, boolean, text) from public;

revoke all on function "chat_private"."held_answer"(chat.held_messages) from public;

revoke all on function "chat_private"."held_before"(chat.held_messages) from public;

revoke all on function "chat_private"."held_content"(chat.held_messages) from public;

revoke all on function "chat_private"."hold_message"(chat.held_messages, text) from public;

revoke all on function "chat_private"."insert_message"(chat.held_messages) from public;

revoke all on function "chat_private"."job_forget_held"() from public;

revoke all on function "chat_private"."send_or_hold"(chat.held_messages) from public;

grant select on table "chat"."held_messages" to "authenticated";

grant delete, insert, select, update on table "chat"."held_messages" to "service_role";

insert into chat_private.jobs (name, every) values ('forget_held', interval '1 hour');

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
