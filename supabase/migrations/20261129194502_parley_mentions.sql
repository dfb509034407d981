-- mentions, 1 of 3: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop function "chat"."edit_message"(bigint, text);

drop function "chat"."room_list"(boolean, bigint, integer, bigint);

drop function "chat"."search_messages"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
  with time zone, text);

drop function "chat"."search_page"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
  with time zone, text);

drop function "chat"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[]);

drop function "chat_private"."messages_of"(chat_private.stretch[], bigint, bigint, boolean);

drop function "chat_private"."my_room_page"(bigint, bigint, integer);

drop function "chat_private"."my_unread_counts"(bigint[]);

drop function "chat_private"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[]);

drop function "chat_private"."with_receipts"(bigint, chat.messages[]);

create table "chat"."mentions" (
  "user_id"    uuid   not null,
  "room_id"    bigint not null,
  "seq"        bigint not null,
  "message_id" bigint not null,
  constraint "mentions_pkey" primary key (user_id, room_id, seq)
);

alter table "chat"."mentions"
  enable row level security;

alter table "chat"."messages"
  add column "mentions" jsonb not null default '[]'::jsonb;

alter table "chat"."messages"
  add column "mentions_all" boolean not null default false;

alter type "chat_private"."search_filters" add attribute "mentions_me" boolean cascade;

create or replace function chat.edit_message (
  message_id  bigint,
  content     text,
  mentions    uuid[]  default null::uuid[],
  mention_all boolean default null::boolean
)
  returns chat.messages
  language plpgsql
  set search_path to ''
  AS $function$
begin
  -- A filter of the Data API on the edited message would run in the same statement.
  perform chat_private.require_modest_query();
  perform chat_private.lock_room_of(message_id);
  if (chat_private.require_message(message_id)).deleted_at is not null then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'The message has been deleted.';
  end if;
  return chat_private.edit_message(message_id, content, mentions, mention_all);
end;
$function$;

create or replace function chat.mention_list (
  before_id bigint  default null::bigint,
  max_rows  integer default 50
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  found record;
begin
  found := chat_private.mention_list(before_id, max_rows);
  return jsonb_build_object(
    'messages', (
      select coalesce(jsonb_agg(chat_private.message_payload(message) -> 'message' order by (message).id desc), '[]')
      from unnest(found.page) as message
    ),
    'before_id', found.next_id
  );
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
    has_more        boolean,
    mention_count   bigint
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
    page.has_more, unread.mention_count
  from page
  join chat_private.my_unread_counts(array(select page.id from page)) as unread on unread.room_id = page.id
  left join chat.messages as messages on messages.id = page.last_message_id
  order by page.active_at desc, page.id desc;
end;
$function$;

create or replace function chat.search_messages (
  query       text                     default null::text,
  room_id     bigint                   default null::bigint,
  before_id   bigint                   default null::bigint,
  max_rows    integer                  default 50,
  sender_id   uuid                     default null::uuid,
  sent_after  timestamp with time zone default null::timestamp with time zone,
  sent_before timestamp with time zone default null::timestamp with time zone,
  has         text                     default null::text,
  mentions_me boolean                  default false
)
  returns SETOF chat.messages
  language plpgsql
  stable
  rows 50
  set search_path to ''
  AS $function$
declare
  found integer;
begin
  return query select * from chat_private.search_messages(
    query, room_id, before_id, max_rows, chat_private.filters(sender_id, sent_after, sent_before, has, mentions_me)
  );
  get diagnostics found = row_count;
  -- These rows cannot show that there are more.
  if found < least(greatest(coalesce(max_rows, 50), 1), 1000) and current_setting('chat.more', true) <> '' then
    raise sqlstate 'PT503' using message = 'search_too_slow',
      detail = 'This search needs several pages: call search_page(), or search for a longer text.';
  end if;
end;
$function$;

create or replace function chat.search_page (
  query       text                     default null::text,
  room_id     bigint                   default null::bigint,
  before_id   bigint                   default null::bigint,
  max_rows    integer                  default 50,
  sender_id   uuid                     default null::uuid,
  sent_after  timestamp with time zone default null::timestamp with time zone,
  sent_before timestamp with time zone default null::timestamp with time zone,
  has         text                     default null::text,
  mentions_me boolean                  default false
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  found jsonb := (
    select coalesce(jsonb_agg(chat_private.message_payload(messages) -> 'message' order by messages.id desc), '[]')
    from chat_private.search_messages(
      query, room_id, before_id, max_rows, chat_private.filters(sender_id, sent_after, sent_before, has, mentions_me)
    ) as messages
  );
begin
  return jsonb_build_object('messages', found, 'before_id', nullif(current_setting('chat.more', true), '')::bigint);
end;
$function$;

create or replace function chat.send_message (
  room_id           bigint,
  content           text,
  client_id         uuid    default null::uuid,
  reply_to_id       bigint  default null::bigint,
  forwarded_from_id bigint  default null::bigint,
  metadata          jsonb   default '{}'::jsonb,
  sender_id         uuid    default null::uuid,
  attachment_ids    uuid[]  default null::uuid[],
  mentions          uuid[]  default null::uuid[],
  mention_all       boolean default false
)
  returns chat.messages
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return chat_private.send_message(
    room_id, content, client_id, reply_to_id, forwarded_from_id, metadata, coalesce(sender_id, (select auth.uid())), attachment_ids,
    mentions, mention_all
  );
end;
$function$;

create or replace function chat.sync (
  room_id       bigint,
  since_version bigint  default 0,
  max_rows      integer default 500
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  page_size integer := least(greatest(coalesce(max_rows, 500), 1), 1000);
  room chat.rooms;
  rows jsonb;
  has_more boolean;
  reacted bigint[];
begin
  perform chat_private.require_role(sync.room_id);
  select * into room from chat.rooms where id = sync.room_id;

  select coalesce(jsonb_agg(page.payload || jsonb_build_object('event', page.event) order by page.version), '[]'),
    coalesce(bool_or(page.has_more), false),
    array_agg((page.payload ->> 'message_id')::bigint) filter (where page.event = 'message.reactions')
  into rows, has_more, reacted
  from chat_private.changes(sync.room_id, coalesce(since_version, 0), page_size) as page;

  return jsonb_build_object(
    'room_id', room.id,
    'topic', room.topic,
    'version', case when has_more then (rows -> -1 ->> 'version')::bigint else room.version end,
    'last_seq', room.last_seq,
    'has_more', has_more,
    'changes', rows,
    'read_marks', chat_private.read_marks(room.id),
    'unread_count', (
      select chat_private.my_unread(own, room.last_seq) from chat.room_members as own
      where own.room_id = room.id and own.user_id = (select auth.uid())
    ),
    'mention_count', (
      select chat_private.my_unread_mentions(own) from chat.room_members as own
      where own.room_id = room.id and own.user_id = (select auth.uid())
    ),
    -- Of the caller; a change says only how many people have reacted.
    'own_reactions', case when reacted is null then '{}' else (
      select jsonb_object_agg(id, to_jsonb(chat_private.own_reactions(id))) from unnest(reacted) as id
    ) end
  );
end;
$function$;

create or replace function chat_private.edit_message (
  message_id  bigint,
  content     text,
  mentions    uuid[],
  mention_all boolean
)
  returns chat.messages
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  before chat.messages := chat_private.require_message(message_id);
  message chat.messages := before;
begin
  perform chat_private.require_role(before.room_id);
  if before.sender_id is distinct from (select auth.uid()) and not chat_private.is_backend() then
    raise sqlstate 'PT403' using message = 'sender_required', detail = 'Only the sender may edit a message.';
  end if;
  message.content := edit_message.content;
  if edit_message.mentions is not null then
    message.mentions := chat_private.to_mention(edit_message.mentions);
  end if;
  message.mentions_all := coalesce(mention_all, before.mentions_all);
  if message.mentions_all or message.mentions <> '[]' then
    message := chat_private.mention(message, before);
  end if;
  update chat.messages as messages
  set content = message.content, mentions = message.mentions, mentions_all = message.mentions_all
  where messages.id = message.id
  returning messages.* into message;
  return message;
end;
$function$;

create or replace function chat_private.filters (
  sender_id   uuid,
  sent_after  timestamp with time zone,
  sent_before timestamp with time zone,
  has         text,
  mentions_me boolean
)
  returns chat_private.search_filters
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select row(sender_id, sent_after, sent_before, has, nullif(mentions_me, false))::chat_private.search_filters;
$function$;

create or replace function chat_private.mention (
  message chat.messages,
  before  chat.messages
)
  returns chat.messages
  language plpgsql
  stable
  set search_path to ''
  AS $function$
declare
  sent_mentions constant jsonb := message.mentions;
begin
  if message.mentions_all and before.mentions_all is not true and not chat_private.is_backend() and exists (
    select from chat.rooms as rooms
    join chat.room_members as senders on senders.room_id = rooms.id and senders.user_id = message.sender_id
    where rooms.id = message.room_id and chat_private.is_large(rooms) and senders.role < 'admin'
  ) then
    raise sqlstate 'PT403' using message = 'role_required', detail = 'Only an admin may mention everyone in a room of this size.';
  end if;
  message.mentions := (
    select coalesce(
      jsonb_agg(
        jsonb_build_object(
          'user_id', wanted.user_id,
          'number', coalesce(people.number, (kept.mention ->> 'number')::bigint),
          -- An edit that leaves the name as it was written leaves it here.
          'name', case
            when people.username is null or strpos(message.content, '@' || (kept.mention ->> 'name')) > 0
            then kept.mention ->> 'name'
            else people.username
          end
        )
        order by wanted.place
      ) filter (where people.id is not null or kept.mention is not null),
      '[]'
    )
    from (
      select (mention ->> 'user_id')::uuid as user_id, place
      from jsonb_array_elements(message.mentions) with ordinality as given (mention, place)
    ) as wanted
    left join chat.room_members as members on members.room_id = message.room_id and members.user_id = wanted.user_id
    left join chat.profiles as people on people.id = members.user_id
    -- Who has left since stays mentioned when the message is edited.
    left join lateral (
      select mention from jsonb_array_elements(before.mentions) as mention where mention ->> 'user_id' = wanted.user_id::text
    ) as kept on true
  );
  if jsonb_array_length(message.mentions) < jsonb_array_length(sent_mentions) then
    raise sqlstate 'PT404' using message = 'member_not_found', detail = 'A message mentions only members of the room.';
  end if;
  return message;
end;
$function$;

create or replace function chat_private.mention_list (
  before_id bigint,
  max_rows  integer,
  OUT       page chat.messages[],
  OUT       next_id bigint
)
  returns record
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  me constant uuid := (select auth.uid());
  page_size constant integer := least(greatest(coalesce(max_rows, 50), 1), 1000);
  before constant bigint := coalesce(before_id, 9223372036854775807);
  ids bigint[];
begin
  perform chat_private.require_caller();
  ids := array(
    select found.id
    from (
      (
        select mentions.message_id as id from chat.mentions as mentions
        where mentions.user_id = me and mentions.message_id < before
        order by mentions.message_id desc
        limit page_size
      )
      union all
      select everyone.id
      from chat.room_members as mine
      cross join lateral (
        select messages.id from chat.messages as messages
        where messages.room_id = mine.room_id and messages.mentions_all and messages.id < before
          and messages.sender_id is distinct from me
          -- Who was not there was not meant.
          and messages.created_at >= mine.joined_at
        order by messages.seq desc
        limit page_size
      ) as everyone
      where mine.user_id = me
    ) as found
    order by found.id desc
    limit page_size
  );
  page := array(
    select sized.message
    from (
      select messages as message, messages.id,
        sum(chat_private.message_bytes(messages)) over (order by messages.id desc) - chat_private.message_bytes(messages) as bytes_before
      from chat.messages as messages where messages.id = any (ids)
    ) as sized
    where sized.bytes_before < chat_private.page_bytes()
    order by sized.id desc
  );
  if cardinality(page) = page_size or cardinality(page) < cardinality(ids) then
    next_id := page[cardinality(page)].id;
  end if;
end;
$function$;

create or replace function chat_private.mentioned_ids (
  mentions jsonb
)
  returns jsonb
  language sql
  immutable
  set search_path to ''
  AS $function$
  select coalesce(jsonb_agg(id order by id), '[]') from jsonb_path_query(mentions, '$[*].user_id') as id;
$function$;

create or replace function chat_private.mentions_written()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  added uuid[];
begin
  if tg_op = 'UPDATE' then
    delete from chat.mentions as mentions
    where mentions.room_id = new.room_id and mentions.seq = new.seq
      and mentions.user_id in (select (mention ->> 'user_id')::uuid from jsonb_array_elements(old.mentions) as mention)
      and (new.mentions_all or not chat_private.mentioned_ids(new.mentions) ? mentions.user_id::text);
  end if;
  if new.mentions_all then
    return null;
  end if;
  with written as (
    insert into chat.mentions (user_id, room_id, seq, message_id)
    select members.user_id, new.room_id, new.seq, new.id
    from jsonb_array_elements(new.mentions) as mention
    join chat.room_members as members
      on members.room_id = new.room_id and members.user_id = (mention ->> 'user_id')::uuid
    where members.user_id is distinct from new.sender_id
    on conflict do nothing
    returning mentions.user_id
  )
  select array_agg(written.user_id) into added from written;
  -- Those of a new message receive the message itself.
  if tg_op = 'UPDATE' and not old.mentions_all then
    perform chat_private.announce(
      'user:' || user_id, 'mention.added',
      jsonb_build_object('room_id', new.room_id, 'message_id', new.id, 'seq', new.seq)
    )
    from unnest(added) as user_id;
  end if;
  return null;
end;
$function$;

create or replace function chat_private.message_bytes (
  message chat.messages
)
  returns integer
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return 500 + octet_length(message.content) + coalesce(octet_length(message.forwarded_content), 0)
    + octet_length(message.metadata::text) + octet_length(message.reactions::text)
    + octet_length(message.attachments::text) + octet_length(message.mentions::text);
end;
$function$;

create or replace function chat_private.message_digest (
  message chat.messages
)
  returns bytea
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return chat_private.digest(
    jsonb_build_array(message.content, message.metadata, message.reply_to_id, message.forwarded_from_id)
      -- A forward copies its files only once it is not a repetition.
      || case
        when message.forwarded_from_id is null and message.attachments <> '[]'
        then jsonb_build_array(jsonb_path_query_array(message.attachments, '$[*].id'))
        else '[]'
      end
      || case
        when message.mentions <> '[]' or message.mentions_all
        then jsonb_build_array(
          jsonb_build_object('mentions', chat_private.mentioned_ids(message.mentions), 'all', message.mentions_all)
        )
        else '[]'
      end
  );
end;
$function$;

create or replace function chat_private.message_sending()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  -- The default of the column: only a backend can give another time.
  is_sent_now constant boolean := new.created_at = now();
  sender chat.room_members;
  earlier chat.messages;
begin
  perform chat_private.count_row(new.content);
  -- Refuses strangers before any lock.
  if new.sender_id is not null and not exists (
    select from chat.room_members where room_id = new.room_id and user_id = new.sender_id
  ) then
    perform chat_private.refuse_stranger(new.room_id);
  end if;

  if new.client_id is not null then
    -- A repeated send must take no number: its row will violate messages_client_id_key, also with "on conflict do nothing".
    perform chat_private.lock_key(new.sender_id, new.client_id);
    -- Locks the original: if it is being deleted concurrently, this insert would not conflict and would keep seq 1.
    select * into earlier from chat.messages
    where sender_id = new.sender_id and client_id = new.client_id for key share;
    if found then
      perform chat_private.require_same_message(earlier, new);
      new.seq := 1;
      new.version := 1;
      return new;
    end if;
  end if;

  perform chat_private.take_turn(new.room_id);
  -- The time is also taken under the lock, and is never before that of the previous message.
  update chat.rooms
  set last_seq = last_seq + 1, version = version + 1, last_message_id = new.id,
    last_message_at = greatest(last_message_at, new.created_at, case when is_sent_now then clock_timestamp() end)
  where id = new.room_id and deleted_at is null
  returning last_seq, version, last_message_at into new.seq, new.version, new.created_at;
  if not found then
    perform chat_private.refuse_stranger(new.room_id);
  elsif new.created_at < now() then
    -- message_written_on_insert announces it although its time has passed.
    perform set_config('chat.numbered', new.id::text, true);
  end if;

  -- The marks of the sender move along if nothing was unread. The sender may have been removed during the wait.
  update chat.room_members as members
  set (last_read_seq, own_after_read, last_delivered_seq) = (
    select case when caught_up then new.seq else members.last_read_seq end,
      case when caught_up then 0 else members.own_after_read + 1 end,
      case when caught_up or members.last_delivered_seq = new.seq - 1 then new.seq else members.last_delivered_seq end
    -- "offset 0" keeps the planner from calling the function for each use.
    from (select chat_private.is_caught_up(members, new.seq - 1) offset 0) as state (caught_up)
  )
  where members.room_id = new.room_id and members.user_id = new.sender_id
  returning members.* into sender;
  if not found and new.sender_id is not null then
    perform chat_private.refuse_stranger(new.room_id);
  elsif not sender.shares_receipts then
    perform chat_private.hidden_member_sent(sender, new.seq);
  end if;

  if new.reply_to_id is not null or new.forwarded_from_id is not null then
    new := chat_private.refer(new);
  end if;
  if new.mentions_all or new.mentions <> '[]' then
    new := chat_private.mention(new, null);
  end if;
  return new;
end;
$function$;

create or replace function chat_private.messages_of (
  parts      chat_private.stretch[],
  after_id   bigint,
  before_id  bigint,
  have_files boolean,
  mention_me boolean
)
  returns bigint[]
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if mention_me then
    return array(
      select found.id
      from unnest(parts) as part
      cross join lateral (
        select mentions.message_id as id from chat.mentions as mentions
        where mentions.user_id = (select auth.uid()) and mentions.room_id = part.room_id
          and mentions.seq between part.number * 8192 and part.number * 8192 + 8191
        union all
        select messages.id from chat.messages as messages
        where messages.room_id = part.room_id and messages.seq between part.number * 8192 and part.number * 8192 + 8191
          and messages.mentions_all
      ) as found
      where found.id > after_id and found.id < before_id
      order by found.id desc
    );
  end if;
  if have_files then
    return array(
      select messages.id
      from unnest(parts) as part
      join chat.messages as messages on messages.room_id = part.room_id
        and messages.seq between part.number * 8192 and part.number * 8192 + 8191
        and messages.attachments <> '[]'
      where messages.id > after_id and messages.id < before_id
      order by messages.id desc
    );
  end if;
  return array(
    select messages.id
    from unnest(parts) as part
    cross join lateral (
      select others.id from chat.messages as others
      where others.room_id = part.room_id and others.seq between part.number * 8192 and part.number * 8192 + 8191
        and others.deleted_at is null
      offset 0 -- keeps the planner from another index for the conditions outside
    ) as messages
    where messages.id > after_id and messages.id < before_id
    order by messages.id desc
  );
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
  select * into room from chat.rooms where id = move_membership.room_id for update;
  select * into imported from chat.room_members as members
  where members.room_id = room.id and members.user_id = imported_id;
  if room.kind = 'direct' then
    select people::uuid into other from string_to_table(room.direct_key, ':') as people where people <> imported_id::text;
    key := least(other::text collate "C", person_id::text) || ':' || greatest(other::text collate "C", person_id::text);
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
  insert into chat.room_members (room_id, user_id) values (room.id, person_id) on conflict do nothing;
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

create or replace function chat_private.my_room_page (
  only_room_id   bigint,
  before_room_id bigint,
  max_rows       integer
)
  returns table (
    id            bigint,
    kind          chat.room_kind,
    slug          text,
    name          text,
    description   text,
    avatar_url    text,
    last_seq      bigint,
    version       bigint,
    created_at    timestamp with time zone,
    own_number    bigint,
    member_count  integer,
    members       json,
    unread_count  bigint,
    last_read_id  bigint,
    last_id       bigint,
    last_text     text,
    last_at       timestamp with time zone,
    place         bigint,
    selected      bigint,
    mention_count bigint
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
    select sized.*, own.member, (own.member).last_read_seq as read_seq,
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
    page.last_id, page.last_text, page.last_at, page.place, page.selected,
    case when page.others > 0 then chat_private.unread_mentions(page.member) else 0 end
  from page
  left join chat_private.rosters as kept
    on kept.room_id = page.id and kept.members_version = page.members_version
  left join chat_private.tombstones_after(
    array(select page.id from page where page.others > 0), array(select page.read_seq from page where page.others > 0)
  ) as tombstones on tombstones.room_id = page.id
  order by page.place;
end;
$function$;

create or replace function chat_private.my_unread_counts (
  room_ids bigint[]
)
  returns table (
    room_id       bigint,
    unread_count  bigint,
    mention_count bigint
  )
  language plpgsql
  stable
  security definer
  rows 50
  set search_path to ''
  AS $function$
#variable_conflict use_column
begin
  return query
  with mine as materialized (
    select members.room_id, (own.member).last_read_seq as read_seq,
      rooms.last_seq - (own.member).last_read_seq - (own.member).own_after_read as others, own.member
    from unnest(room_ids) as listed (id)
    join chat.room_members as members on members.room_id = listed.id and members.user_id = (select auth.uid())
    join chat.rooms as rooms on rooms.id = members.room_id
    cross join lateral (
      select case when members.shares_receipts then members else chat_private.true_marks(members) end as member
      offset 0 -- once for each room, not for each use
    ) as own
  )
  select mine.room_id, case when mine.others > 0 then mine.others - tombstones.count else 0 end,
    case when mine.others > 0 then chat_private.unread_mentions(mine.member) else 0 end
  from mine
  join chat_private.tombstones_after(
    array(select mine.room_id from mine), array(select mine.read_seq from mine)
  ) as tombstones on tombstones.room_id = mine.room_id;
end;
$function$;

create or replace function chat_private.my_unread_mentions (
  own chat.room_members
)
  returns bigint
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return case
    when own.user_id = (select auth.uid()) and chat_private.is_my_room(own.room_id)
    then chat_private.unread_mentions(chat_private.my_marks(own))
  end;
end;
$function$;

create or replace function chat_private.passing (
  ids     bigint[],
  filters chat_private.search_filters
)
  returns bigint[]
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return array(
    select messages.id from chat.messages as messages
    where messages.id = any (ids)
      and (filters.sender_id is null or messages.sender_id = filters.sender_id)
      and (filters.sent_after is null or messages.created_at >= filters.sent_after)
      and (filters.sent_before is null or messages.created_at < filters.sent_before)
      and case filters.has
        when 'link' then messages.content ~* '\mhttps?://'
        when 'file' then messages.attachments <> '[]'
        when 'image' then messages.attachments @? '$[*].mime_type ? (@ starts with "image/")'
        when 'video' then messages.attachments @? '$[*].mime_type ? (@ starts with "video/")'
        when 'audio' then messages.attachments @? '$[*].mime_type ? (@ starts with "audio/")'
        else true
      end
      and (
        filters.mentions_me is null
        or messages.mentions_all and messages.sender_id is distinct from (select auth.uid()) and exists (
          select from chat.room_members as mine
          where mine.room_id = messages.room_id and mine.user_id = (select auth.uid()) and mine.joined_at <= messages.created_at
        )
        or exists (
          select from chat.mentions as mentions
          where mentions.user_id = (select auth.uid()) and mentions.room_id = messages.room_id and mentions.seq = messages.seq
        )
      )
    order by messages.id desc
  );
end;
$function$;

create or replace function chat_private.search_ids (
  query     text,
  room_id   bigint,
  before_id bigint,
  max_rows  integer,
  filters   chat_private.search_filters,
  OUT       ids bigint[],
  OUT       next_id bigint
)
  returns record
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
declare
  wanted chat_private.search := chat_private.search_for(query);
  page_end bigint := coalesce(before_id, 9000000000000000000);
  remaining chat_private.stretch[] := chat_private.stretches(
    array(select mine from chat_private.my_room_ids() as mine where room_id is null or mine = search_ids.room_id), page_end,
    filters
  );
  step_length bigint := 8192;
  step integer;
  newest_found bigint;
  candidates bigint[];
  looked_at integer;
  chunk bigint[];
  found bigint[];
  -- Limits the candidates to read that do not match after all, such as words that are not side by side.
  budget bigint := 8000;
  spent bigint;
  -- Limits the messages to pass through where there is no text to look up.
  passed bigint := 0;
  most_passed constant bigint := 60000;
begin
  ids := '{}';
  <<steps>>
  while cardinality(remaining) > 0 loop
    -- A step takes the next stretches, with twice as many messages as the step before.
    step := (
      select count(*) from (
        select sum(length) over (order by place) - length as before
        from unnest(remaining) with ordinality as parts (room_id, number, newest_id, length, place)
      ) as sums
      where before < step_length
    );
    step_length := least(step_length * 2, 65536);
    newest_found := case when cardinality(ids) = max_rows then ids[max_rows] else 0 end;
    if query is not null then
      candidates := chat_private.candidates(remaining[:step], wanted, newest_found, page_end);
    else
      candidates := chat_private.passing(
        chat_private.messages_of(
          remaining[:step], newest_found, page_end, filters.has in ('file', 'image', 'video', 'audio'), filters.mentions_me
        ),
        filters
      );
      passed := passed + (select sum(part.length) from unnest(remaining[:step]) as part);
    end if;
    remaining := remaining[step + 1:];

    -- Reads candidates from the newest on, until there are enough matches.
    looked_at := 0;
    while looked_at < cardinality(candidates)
      and (cardinality(ids) < max_rows or ids[max_rows] < candidates[looked_at + 1])
    loop
      chunk := candidates[looked_at + 1:looked_at + 100];
      spent := cardinality(chunk);
      if query is not null then
        if not (filters is null) then
          chunk := chat_private.passing(chunk, filters);
        end if;
        select array_agg(messages.id) filter (where chat_private.is_found(messages.content, wanted)),
          spent + coalesce(sum(octet_length(messages.content) / 500), 0)
        into chunk, spent
        from chat.messages as messages
        where messages.id = any (chunk);
      end if;
      found := chunk;
      ids := array(select id from unnest(ids || found) as id order by id desc limit max_rows);
      looked_at := looked_at + 100;
      budget := budget - spent;
      if budget <= 0 and looked_at < cardinality(candidates) and cardinality(ids) < max_rows then
        -- Everything newer than this has been searched; the next page continues here.
        next_id := greatest(candidates[looked_at], remaining[1].newest_id + 1000);
        if next_id >= page_end then
          raise sqlstate 'PT503' using message = 'search_too_slow',
            detail = 'Too many messages nearly match: search for a longer text, or in one room.';
        end if;
        ids := array(select id from unnest(ids) as id where id >= next_id order by id desc);
        exit steps;
      end if;
    end loop;
    exit when cardinality(ids) = max_rows and ids[max_rows] > coalesce(remaining[1].newest_id, 0) + 1000;
    if passed >= most_passed and cardinality(remaining) > 0 and remaining[1].newest_id + 1000 < page_end then
      -- Everything newer than this has been passed through; the next page continues here.
      next_id := remaining[1].newest_id + 1000;
      ids := array(select id from unnest(ids) as id where id >= next_id order by id desc);
      exit steps;
    end if;
  end loop;
  next_id := coalesce(next_id, ids[max_rows]);
  -- Long messages make a shorter page.
  found := array(
    select page.id from (
      select messages.id,
        sum(chat_private.message_bytes(messages)) over (order by messages.id desc) - chat_private.message_bytes(messages) as before
      from chat.messages as messages where messages.id = any (ids)
    ) as page
    where page.before < chat_private.page_bytes()
    order by page.id desc
  );
  if cardinality(found) < cardinality(ids) then
    ids := found;
    next_id := ids[cardinality(ids)];
  end if;
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
  message chat.messages;
begin
  -- A filter of the Data API on the sent message would run in the same statement.
  perform chat_private.require_modest_query();
  if sender_id is distinct from (select auth.uid()) and not chat_private.is_backend() then
    raise sqlstate 'PT403' using message = 'sender_required', detail = 'Only a backend can send as another user.';
  elsif sender_id is null and not chat_private.is_backend() then
    perform chat_private.require_caller();
  end if;
  if cardinality(attachment_ids) > 0 and send_message.forwarded_from_id is not null then
    raise sqlstate 'PT400' using message = 'invalid_attachment', detail = 'A forwarded message has the files of the original.';
  end if;
  insert into chat.messages (
    room_id, content, client_id, reply_to_id, forwarded_from_id, metadata, sender_id, attachments, mentions, mentions_all
  )
  values (
    send_message.room_id, send_message.content, send_message.client_id, send_message.reply_to_id,
    send_message.forwarded_from_id, coalesce(send_message.metadata, '{}'), send_message.sender_id,
    case
      when cardinality(attachment_ids) > 0
      then chat_private.attached(send_message.room_id, send_message.sender_id, attachment_ids, send_message.client_id)
      else '[]'
    end,
    case when cardinality(send_message.mentions) > 0 then chat_private.to_mention(send_message.mentions) else '[]' end,
    coalesce(mention_all, false)
  )
  on conflict on constraint messages_client_id_key do nothing
  returning * into message;

  perform set_config('chat.repeated', (message.id is null)::text, true);
  if message.id is null then
    select * into message from chat.messages as messages
    where messages.sender_id = send_message.sender_id and messages.client_id = send_message.client_id;
  end if;
  return message;
end;
$function$;

create or replace function chat_private.to_mention (
  user_ids uuid[]
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  most constant integer := 50;
begin
  if cardinality(user_ids) > most or array_position(user_ids, null) is not null then
    raise sqlstate 'PT400' using message = 'invalid_mentions', detail = format('A message mentions at most %s people by their ids.', most);
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object('user_id', wanted.id) order by wanted.place), '[]')
    from (select id, min(place) as place from unnest(user_ids) with ordinality as given (id, place) group by id) as wanted
  );
end;
$function$;

create or replace function chat_private.unread_mentions (
  member chat.room_members
)
  returns bigint
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (
    select count(*) from chat.mentions as mentions
    where mentions.user_id = member.user_id and mentions.room_id = member.room_id and mentions.seq > member.last_read_seq
  ) + (
    select count(*) from chat.messages as messages
    where messages.room_id = member.room_id and messages.mentions_all and messages.seq > member.last_read_seq
      and messages.sender_id is distinct from member.user_id
  );
end;
$function$;

create or replace function chat_private.with_receipts (
  in_room bigint,
  page    chat.messages[]
)
  returns table (
    id                 bigint,
    room_id            bigint,
    seq                bigint,
    version            bigint,
    sender             bigint,
    sender_username    text,
    content            text,
    reply_to_id        bigint,
    forwarded_from_id  bigint,
    forwarded_username text,
    client_id          uuid,
    created_at         timestamp with time zone,
    edited_at          timestamp with time zone,
    deleted_at         timestamp with time zone,
    receipts           json,
    delivered_count    integer,
    read_count         integer,
    reactions          jsonb,
    own_reactions      text[],
    attachments        jsonb,
    mentions           jsonb,
    mentions_all       boolean
  )
  language plpgsql
  stable
  security definer
  rows 50
  set search_path to ''
  AS $function$
#variable_conflict use_column
declare
  -- Variables of their own: a field of a record costs more in each row.
  low bigint := least(page[1].seq, page[cardinality(page)].seq);
  high bigint := greatest(page[1].seq, page[cardinality(page)].seq);
  members integer;
  read_all integer;
  received_all integer;
  reads bigint[];
  deliveries bigint[];
begin
  if cardinality(page) = 0 or not chat_private.is_my_room(in_room) then
    return;
  end if;
  select count(*),
    count(*) filter (where read_seq >= high),
    count(*) filter (where delivered_seq >= high),
    coalesce(array_agg(read_seq order by read_seq) filter (where read_seq >= low and read_seq < high), '{}'),
    coalesce(
      array_agg(delivered_seq order by delivered_seq) filter (where delivered_seq >= low and delivered_seq < high), '{}'
    )
  into members, read_all, received_all, reads, deliveries
  from (
    select last_read_seq as read_seq, greatest(last_read_seq, last_delivered_seq) as delivered_seq
    from chat.room_members where room_members.room_id = in_room
  ) as marks;
  return query
  select page.id, page.room_id, page.seq, page.version, senders.number, senders.username, page.content, page.reply_to_id,
    page.forwarded_from_id,
    case when page.forwarded_from_id is not null then
      chat_private.forwarded_name(page.forwarded_from_id, page.forwarded_sender_id, page.forwarded_username)
    end,
    page.client_id, page.created_at, page.edited_at, page.deleted_at,
    case when members <= 20 then (
      select coalesce(
        json_agg(
          json_build_object(
            'user', people.number, 'username', people.username,
            'delivered', greatest(others.last_read_seq, others.last_delivered_seq) >= page.seq,
            'read', others.last_read_seq >= page.seq,
            -- The time is known of what the last movement of a mark passed.
            'delivered_at', case
              when page.seq > others.delivered_after_seq
                and page.seq <= greatest(others.last_read_seq, others.last_delivered_seq)
              then replace(to_char(others.last_delivered_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')
            end,
            'read_at', case
              when page.seq > others.read_after_seq and page.seq <= others.last_read_seq
              then replace(to_char(others.last_read_at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')
            end
          )
          order by people.number
        ),
        '[]'
      )
      from chat.room_members as others
      -- The offset keeps this a look-up by id: a join may read all profiles.
      cross join lateral (
        select profiles.number, profiles.username from chat.profiles as profiles where profiles.id = others.user_id offset 0
      ) as people
      where others.room_id = in_room and others.user_id is distinct from page.sender_id
    ) else '[]' end,
    -- Without the sender.
    received_all + cardinality(deliveries) - width_bucket(page.seq - 1, deliveries)
      - (greatest(own.last_read_seq, own.last_delivered_seq) >= page.seq is true)::integer,
    read_all + cardinality(reads) - width_bucket(page.seq - 1, reads)
      - (own.last_read_seq >= page.seq is true)::integer,
    page.reactions,
    case when page.reactions = '{}' then '{}' else chat_private.own_reactions(page.id) end,
    page.attachments,
    page.mentions,
    page.mentions_all
  from unnest(with_receipts.page) as page
  left join chat.profiles as senders on senders.id = page.sender_id
  left join chat.room_members as own on own.room_id = in_room and own.user_id = page.sender_id
  where page.room_id = in_room;
end;
$function$;

create or replace function chat_private.without_text()
  returns jsonb
  language sql
  immutable
  set search_path to ''
  AS $function$
  select jsonb_build_object(
    'content', '', 'metadata', '{}'::jsonb, 'attachments', '[]'::jsonb, 'mentions', '[]'::jsonb, 'mentions_all', false,
    'forwarded_sender_id', null, 'forwarded_username', null, 'forwarded_content', null,
    'reactions', '{}'::jsonb, 'reactions_version', null
  );
$function$;

alter table "chat"."mentions"
  add constraint "mentions_room_id_user_id_fkey" foreign key (room_id, user_id)
    references chat.room_members(room_id, user_id) on delete cascade;

alter table "chat"."messages"
  add constraint "messages_mentions_check" check ((jsonb_typeof(mentions) = 'array'::text)) not valid;

create index mentions_user_id_idx on chat.mentions using btree (user_id, message_id);

create trigger mentions_written_on_insert
  after insert on chat.messages
  for each row
  when ((new.mentions <> '[]'::jsonb))
  execute function chat_private.mentions_written();

create trigger mentions_written_on_update
  after update on chat.messages
  for each row
  when (((new.mentions IS DISTINCT FROM old.mentions) OR (new.mentions_all IS DISTINCT FROM old.mentions_all)))
  execute function chat_private.mentions_written();

create trigger message_changing
  before update on chat.messages
  for each row when (
    (
      new.room_id, new.seq, new.version, new.content, new.metadata, new.forwarded_from_id, new.forwarded_username,
      new.forwarded_content, new.deleted_at, new.attachments, new.mentions, new.mentions_all
    ) is distinct from (
      old.room_id, old.seq, old.version, old.content, old.metadata, old.forwarded_from_id, old.forwarded_username,
      old.forwarded_content, old.deleted_at, old.attachments, old.mentions, old.mentions_all
    )
  )
  execute function chat_private.message_changing();

create policy "people can read their mentions" on "chat"."mentions"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND (user_id = ( select auth.uid() as
    uid))));

comment on column "chat"."messages"."mentions" is 'Whom it mentions, as [{user_id, number, name}]: name is the username that the text has, which may have changed since.';

comment on column "chat"."messages"."mentions_all" is 'Whether it mentions all members of the room.';

comment on function "chat"."edit_message"(bigint, text, uuid[], boolean) is 'Edits a message of the caller. Given mentions replace the earlier ones; without them these stay. Raises message_not_found, sender_required, invalid_mentions, member_not_found, role_required.';

comment on function "chat"."mention_list"(bigint, integer) is 'A page of the messages that mention the caller, also by mentioning everyone, as {messages, before_id}: newest first, as in events, and the before_id of the next page, null at the end. Raises caller_required.';

comment on function "chat"."room_list"(boolean, bigint, integer, bigint) is 'The rooms of the caller, most recently active first, with unread count, the count of mentions in it, last message and, for a direct room, the other member. While has_more, the next page is before the last room id. At most 1,000 rows, fewer if they are long. Raises room_not_found, not_a_member, caller_required.';

comment on function "chat"."search_messages"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
  with time zone, text, boolean) is 'The messages of the caller''s rooms, or of one room, that contain the words in any form, or the text as a substring; newest first, before an id. "Words in quotes" must be side by side, OR joins alternatives, and a word with - before it must not occur; operators alone are plain text. Case, accents and normal forms are ignored. sender_id, sent_after, sent_before, has (link, file, image, video or audio) and mentions_me narrow the search, or do without a text. Raises invalid_query, room_not_found, not_a_member, search_too_slow, caller_required.';

comment on function "chat"."search_page"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
  with time zone, text, boolean) is 'A page of search_messages() as {messages, before_id}: the messages as in events, and the before_id of the next page, null at the end. A page can have fewer messages than requested, even none, before the end. Raises invalid_query, room_not_found, not_a_member, search_too_slow, caller_required.';

comment on function "chat"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[], uuid[], boolean) is
  'Sends a message as the caller; a backend names the sender, or none. A retry with the same client_id returns the first message. Its files were announced by begin_upload() and uploaded; with files the content may be empty. It can mention up to 50 members, or all: in a room of more than 50 as an admin. Raises room_not_found, not_a_member, message_not_found, client_id_reused, sender_required, invalid_attachment, attachment_not_found, attachment_not_uploaded, invalid_mentions, member_not_found, role_required.';

comment on function "chat_private"."filters"(uuid, timestamp with time zone, timestamp
  with time zone, text, boolean) is 'Filters of a search: null where they let every message pass.';

comment on function "chat_private"."mention"(chat.messages, chat.messages) is 'A message with the numbers and the names of those that it mentions; before is the message that an edit changes. Raises member_not_found, role_required.';

comment on function "chat_private"."mention_list"(bigint, integer) is 'A page of the messages that mention the caller, newest first, and the id before which the next one begins.';

comment on function "chat_private"."my_room_page"(bigint, bigint, integer) is 'The rooms of the caller, most recently active first, with their members as [{id, username}]: all before a room, or one. Fewer than selected if they are long.';

comment on function "chat_private"."my_unread_counts"(bigint[]) is 'How many messages the caller has not read in each of these rooms, and how many of them mention the caller, all in one query; other rooms than their own are left out.';

comment on function "chat_private"."my_unread_mentions"(chat.room_members) is 'How many messages that the caller has not read mention them, by their membership; null for the membership of another user.';

comment on function "chat_private"."to_mention"(uuid[]) is 'What a message says of the people that it is to mention, before it is numbered. Raises invalid_mentions.';

comment on function "chat_private"."unread_mentions"(chat.room_members) is 'How many messages after their mark mention a member.';

comment on function "chat_private"."with_receipts"(bigint, chat.messages[]) is 'Messages of a room of the caller, given in the order of seq or its reverse, with their senders, how many others have received and read them, and who in rooms of at most 20 members; how many people have reacted, and how the caller has.';

comment on table "chat"."mentions" is 'That a message mentions a person. One that mentions everyone has no rows: messages.mentions_all says it.';

revoke all on function "chat"."edit_message"(bigint, text, uuid[], boolean) from public;

grant execute on function "chat"."edit_message"(bigint, text, uuid[], boolean) to "authenticated", "service_role";

revoke all on function "chat"."mention_list"(bigint, integer) from public;

grant execute on function "chat"."mention_list"(bigint, integer) to "authenticated", "service_role";

revoke all on function "chat"."room_list"(boolean, bigint, integer, bigint) from public;

grant execute on function "chat"."room_list"(boolean, bigint, integer, bigint) to "authenticated", "service_role";

revoke all
  on function "chat"."search_messages"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
    with time zone, text, boolean)
  from public;

grant execute
  on function "chat"."search_messages"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
    with time zone, text, boolean)
  to "authenticated", "service_role";

revoke all
  on function "chat"."search_page"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
    with time zone, text, boolean)
  from public;

grant execute
  on function "chat"."search_page"(text, bigint, bigint, integer, uuid, timestamp with time zone, timestamp
    with time zone, text, boolean)
  to "authenticated", "service_role";

revoke all
  on function "chat"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[], uuid[], boolean)
  from public;

grant execute
  on function "chat"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[], uuid[], boolean)
  to "authenticated", "service_role";

revoke all on function "chat_private"."edit_message"(bigint, text, uuid[], boolean) from public;

grant execute
  on function "chat_private"."edit_message"(bigint, text, uuid[], boolean)
  to "authenticated", "service_role";

revoke all
  on function "chat_private"."filters"(uuid, timestamp with time zone, timestamp with time zone, text, boolean)
  from public;

grant execute
  on function "chat_private"."filters"(uuid, timestamp with time zone, timestamp with time zone, text, boolean)
  to "authenticated", "service_role";

revoke all on function "chat_private"."mention"(chat.messages, chat.messages) from public;

revoke all on function "chat_private"."mention_list"(bigint, integer) from public;

grant execute on function "chat_private"."mention_list"(bigint, integer) to "authenticated", "service_role";

revoke all on function "chat_private"."mentioned_ids"(jsonb) from public;

revoke all on function "chat_private"."mentions_written"() from public;

revoke all
  on function "chat_private"."messages_of"(chat_private.stretch[], bigint, bigint, boolean, boolean)
  from public;

revoke all on function "chat_private"."my_room_page"(bigint, bigint, integer) from public;

grant execute on function "chat_private"."my_room_page"(bigint, bigint, integer) to "authenticated", "service_role";

revoke all on function "chat_private"."my_unread_counts"(bigint[]) from public;

grant execute on function "chat_private"."my_unread_counts"(bigint[]) to "authenticated", "service_role";

revoke all on function "chat_private"."my_unread_mentions"(chat.room_members) from public;

grant execute on function "chat_private"."my_unread_mentions"(chat.room_members) to "authenticated", "service_role";

revoke all
  on function "chat_private"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[], uuid[], boolean)
  from public;

grant execute
  on function "chat_private"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[], uuid[], boolean)
  to "authenticated", "service_role";

revoke all on function "chat_private"."to_mention"(uuid[]) from public;

revoke all on function "chat_private"."unread_mentions"(chat.room_members) from public;

revoke all on function "chat_private"."with_receipts"(bigint, chat.messages[]) from public;

grant execute on function "chat_private"."with_receipts"(bigint, chat.messages[]) to "authenticated", "service_role";

grant select on table "chat"."mentions" to "authenticated";

grant delete, insert, select, update on table "chat"."mentions" to "service_role";

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
