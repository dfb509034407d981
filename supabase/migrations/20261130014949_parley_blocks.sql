-- blocks: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop policy "people can read who is online" on "chat"."user_status";

create table "chat"."blocks" (
  "user_id"    uuid                     not null default auth.uid(),
  "blocked_id" uuid                     not null,
  "created_at" timestamp with time zone not null default now(),
  constraint "blocks_check" check ((user_id <> blocked_id)),
  constraint "blocks_pkey" primary key (user_id, blocked_id)
);

alter table "chat"."blocks"
  enable row level security;

create or replace function chat.block_user (
  user_id uuid
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.block_user(user_id);
$function$;

create or replace function chat.unblock_user (
  user_id uuid
)
  returns void
  language sql
  set search_path to ''
  AS $function$
  select chat_private.unblock_user(user_id);
$function$;

create or replace function chat_private.block_user (
  user_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_caller();
  perform chat_private.require_people(array[auth.uid(), block_user.user_id]);
  if user_id = auth.uid() then
    raise sqlstate 'PT400' using message = 'invalid_members', detail = 'You cannot block yourself.';
  end if;
  perform chat_private.take_tokens('block_person');
  insert into chat.blocks (user_id, blocked_id) values (auth.uid(), block_user.user_id) on conflict do nothing;
end;
$function$;

create or replace function chat_private.blocked()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  direct_id bigint := (select id from chat.rooms where direct_key = chat_private.direct_key(new.user_id, new.blocked_id));
begin
  delete from chat.friendships
  where (user_id, friend_id) in ((new.user_id, new.blocked_id), (new.blocked_id, new.user_id));
  if direct_id is not null then
    -- Waits for a message that is being sent; the next one is refused. Both leave the live topic, which they may not join again.
    perform chat_private.take_turn(direct_id);
    perform from chat.rooms where id = direct_id for no key update;
    perform chat_private.move_topic(direct_id);
  end if;
  perform chat_private.announce('user:' || new.user_id, 'block.added', jsonb_build_object('user_id', new.blocked_id));
  return null;
end;
$function$;

create or replace function chat_private.create_direct_room (
  user_id uuid
)
  returns chat.rooms
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  caller uuid := auth.uid();
  key text := chat_private.direct_key(caller, user_id);
  room chat.rooms;
  is_new boolean := false;
begin
  perform chat_private.require_caller();
  if user_id is null or user_id = caller then
    raise sqlstate 'PT400' using message = 'invalid_members', detail = 'A direct chat needs one other user.';
  end if;
  perform chat_private.require_people(array[caller, user_id]);
  perform chat_private.require_unblocked(key);
  if not exists (select from chat.rooms where direct_key = key) then
    perform chat_private.take_tokens('create_direct_room');
  end if;
  -- Locks the profiles, so that no username changes before the room has its slug.
  perform from chat.profiles where id in (caller, create_direct_room.user_id) order by id for share;

  loop
    select * into room from chat.rooms where direct_key = key;
    exit when found;
    -- If another transaction inserts the room first, the loop finds it; if it takes the slug, the loop tries the next one.
    insert into chat.rooms (kind, created_by, direct_key, slug)
    values ('direct', caller, key, chat_private.direct_slug(caller, create_direct_room.user_id))
    on conflict do nothing
    returning * into room;
    is_new := found;
    if is_new then
      insert into chat.room_members (room_id, user_id) values (room.id, caller), (room.id, create_direct_room.user_id);
      perform chat_private.keep_slug(room.slug, key, array[caller, create_direct_room.user_id]);
    end if;
  end loop;
  perform set_config('chat.repeated', (not is_new)::text, true);
  return room;
end;
$function$;

create or replace function chat_private.direct_key (
  one   uuid,
  other uuid
)
  returns text
  language sql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
  select least(one, other)::text || ':' || greatest(one, other)::text;
$function$;

create or replace function chat_private.finish_link (
  imported_id uuid,
  person_id   uuid
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
begin
  update chat.pins set pinned_by = person_id where pinned_by = imported_id;
  update chat.rooms set created_by = person_id where created_by = imported_id;
  insert into chat.blocks (user_id, blocked_id)
  select user_id, person_id from chat.blocks where blocked_id = imported_id and user_id <> person_id
  on conflict do nothing;
  -- What was unread and is the person's own now.
  update chat.room_members as members
  set own_after_read = (
    select count(*) from chat.messages as own
    where own.room_id = members.room_id and own.sender_id = person_id and own.seq > members.last_read_seq and own.deleted_at is null
  )
  from chat.rooms as rooms
  where members.user_id = person_id and rooms.id = members.room_id and rooms.last_seq > members.last_read_seq;
  delete from auth.users where id = imported_id;
end;
$function$;

create or replace function chat_private.friend_adding()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_unblocked(chat_private.direct_key(new.user_id, new.friend_id));
  perform chat_private.take_tokens('add_friend');
  return new;
end;
$function$;

create or replace function chat_private.hides_status (
  user_id uuid,
  room_id bigint
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return exists (
    select from chat.blocks as blocks
    join chat.room_members as members on members.user_id = blocks.blocked_id
    where blocks.user_id = hides_status.user_id and members.room_id = hides_status.room_id
  );
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
begin
  if cardinality(user_ids) > 1000 or array_position(user_ids, null) is not null then
    raise sqlstate 'PT400' using message = 'invalid_members', detail = 'Give at most 1,000 user ids.';
  end if;
  perform chat_private.require_people(user_ids);
  perform chat_private.require_reachable(user_ids);

  return query
    insert into chat.room_members (room_id, user_id)
    select distinct insert_members.room_id, id from unnest(user_ids) as id
    on conflict do nothing
    returning *;
end;
$function$;

create or replace function chat_private.is_blocked (
  direct_key text
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return direct_key is not null and exists (
    select from chat.blocks as blocks
    where chat_private.direct_key(blocks.user_id, blocks.blocked_id) = is_blocked.direct_key
  );
end;
$function$;

create or replace function chat_private.is_my_topic (
  topic text
)
  returns boolean
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  if topic ~ '^room:[0-9]{1,18}:[0-9]{1,9}(:live)?$' then
    return exists (
      select from chat.rooms as rooms
      join chat.room_members as members on members.room_id = rooms.id
      where rooms.id = split_part(is_my_topic.topic, ':', 2)::bigint
        and rooms.topic = regexp_replace(is_my_topic.topic, ':live$', '')
        and members.user_id = (select auth.uid())
        -- On the live topic people show each other that they are there, and that they type.
        and not (is_my_topic.topic like '%:live' and chat_private.is_blocked(rooms.direct_key))
    );
  elsif topic like 'conversation:%' then
    return exists (
      select from chat.conversations as conversations
      where conversations.owner_id = (select auth.uid()) and is_my_topic.topic = 'conversation:' || conversations.id
    );
  end if;
  return coalesce(topic = 'user:' || (select auth.uid()), false);
end;
$function$;

create or replace function chat_private.mention (
  message chat.messages,
  before  chat.messages
)
  returns chat.messages
  language plpgsql
  set search_path to ''
  AS $function$
declare
  sent_mentions jsonb := message.mentions;
begin
  -- Who has blocked the sender is not mentioned, and no error says so: a retry of the message is still the same one.
  message.mentions := (
    select coalesce(jsonb_agg(mention order by place), '[]')
    from jsonb_array_elements(sent_mentions) with ordinality as given (mention, place)
    where chat_private.mentioned_ids(before.mentions) ? (mention ->> 'user_id') or not exists (
      select from chat.blocks as blocks
      join chat.room_members as members on members.user_id = blocks.user_id and members.room_id = message.room_id
      where blocks.user_id = (mention ->> 'user_id')::uuid and blocks.blocked_id = message.sender_id
    )
  );
  if message.mentions <> sent_mentions and before.id is null then
    perform chat_private.keep_digest(jsonb_populate_record(message, jsonb_build_object('mentions', sent_mentions)));
  end if;
  sent_mentions := message.mentions;
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

create or replace function chat_private.message_changing()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  is_edit constant boolean :=
    (new.content, new.mentions, new.mentions_all) is distinct from (old.content, old.mentions, old.mentions_all);
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
      perform chat_private.require_switch(new.room_id, 'posting');
      perform chat_private.take_token_of_row('edit_message');
    end if;
    new.edited_at := greatest(now(), new.created_at);
  else
    new := jsonb_populate_record(new, chat_private.without_text());
    new.edited_at := old.edited_at;
  end if;
  update chat.rooms set version = version + 1 where id = new.room_id returning version, direct_key into new.version, pair;
  if pair is not null and new.deleted_at is null and is_edit and (select auth.uid()) is not null then
    perform chat_private.require_unblocked(pair);
  end if;
  return new;
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
  slow_mode integer;
  is_open boolean;
  pair text;
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

  perform chat_private.take_token_of_row('send_message');
  perform chat_private.take_turn(new.room_id);
  -- The time is also taken under the lock, and is never before that of the previous message.
  update chat.rooms
  set last_seq = last_seq + 1, version = version + 1, last_message_id = new.id,
    last_message_at = greatest(last_message_at, new.created_at, case when is_sent_now then clock_timestamp() end)
  where id = new.room_id and deleted_at is null
  returning last_seq, version, last_message_at, slow_mode_seconds, posting = 'everyone' and locked_at is null, direct_key
  into new.seq, new.version, new.created_at, slow_mode, is_open, pair;
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
  if not is_open and sender.role < 'admin' then
    perform chat_private.require_switch(new.room_id, 'posting');
  end if;
  if pair is not null and new.sender_id is not null then
    perform chat_private.require_unblocked(pair);
  end if;
  if slow_mode > 0 and sender.role < 'admin' then
    perform chat_private.keep_slow(new.room_id, slow_mode);
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

create or replace function chat_private.my_blockers()
  returns SETOF uuid
  language plpgsql
  stable
  security definer
  rows 5
  set search_path to ''
  AS $function$
begin
  return query select blocks.user_id from chat.blocks as blocks where blocks.blocked_id = (select auth.uid());
end;
$function$;

create or replace function chat_private.pin_adding()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.count_row();
  perform chat_private.lock_room_of(new.message_id);
  select messages.room_id into new.room_id
  from chat.messages as messages
  where messages.id = new.message_id and messages.deleted_at is null
    and (
      exists (select from chat.room_members where room_id = messages.room_id and user_id = new.pinned_by)
      or new.pinned_by is null and chat_private.is_backend()
    );
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  elsif new.pinned_by is not null then
    perform chat_private.require_unblocked((select direct_key from chat.rooms where id = new.room_id));
  end if;
  perform chat_private.require_switch(new.room_id, 'pinning');
  return new;
end;
$function$;

create or replace function chat_private.reaction_adding()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  most_kinds constant integer := 20;
  reactions jsonb;
begin
  new.emoji := chat_private.require_emoji(new.emoji);
  perform chat_private.lock_room_of(new.message_id);
  select messages.room_id, messages.reactions into new.room_id, reactions
  from chat.messages as messages
  where messages.id = new.message_id and messages.deleted_at is null
    and exists (select from chat.room_members where room_id = messages.room_id and user_id = new.user_id);
  if not found then
    raise sqlstate 'PT404' using message = 'message_not_found', detail = 'No such message.';
  elsif not reactions ? new.emoji and (select count(*) from jsonb_object_keys(reactions)) >= most_kinds then
    raise sqlstate 'PT409' using message = 'too_many_kinds',
      detail = format('A message has at most %s kinds of reactions.', most_kinds);
  end if;
  perform chat_private.require_switch(new.room_id);
  perform chat_private.require_unblocked((select direct_key from chat.rooms where id = new.room_id));
  return new;
end;
$function$;

create or replace function chat_private.require_reachable (
  user_ids uuid[]
)
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if exists (select from unnest(user_ids) as wanted (id) where chat_private.is_blocked(chat_private.direct_key(auth.uid(), wanted.id)))
  then
    raise sqlstate 'PT403' using message = 'not_reachable', detail = 'You cannot reach one of these people.';
  end if;
end;
$function$;

create or replace function chat_private.require_same_message (
  earlier  chat.messages,
  repeated chat.messages
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  digest bytea := (
    select keys.digest from chat_private.client_keys as keys
    where (keys.owner_id, keys.kind, keys.client_id) = (earlier.sender_id, 'message', earlier.client_id)
  );
begin
  if earlier.edited_at is null and earlier.deleted_at is null then
    digest := coalesce(digest, chat_private.message_digest(earlier));
  end if;
  if earlier.room_id <> repeated.room_id or digest <> chat_private.message_digest(repeated) then
    perform chat_private.refuse_reused_key();
  end if;
end;
$function$;

create or replace function chat_private.require_unblocked (
  direct_key text
)
  returns void
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  if chat_private.is_blocked(direct_key) then
    raise sqlstate 'PT403' using message = 'not_reachable', detail = 'You cannot reach this person.';
  end if;
end;
$function$;

create or replace function chat_private.status_changed()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.announce(rooms.topic, 'user.status', chat_private.status_payload(rooms, new, profiles))
  from chat.room_members as members
  join chat.rooms as rooms on rooms.id = members.room_id
  join chat.profiles as profiles on profiles.id = members.user_id
  where members.user_id = new.user_id and not chat_private.is_large(rooms)
    and not chat_private.hides_status(new.user_id, rooms.id);
  return null;
end;
$function$;

create or replace function chat_private.unblock_user (
  user_id uuid
)
  returns void
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_caller();
  delete from chat.blocks as blocks where blocks.user_id = auth.uid() and blocks.blocked_id = unblock_user.user_id;
end;
$function$;

create or replace function chat_private.unblocked()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.announce('user:' || old.user_id, 'block.removed', jsonb_build_object('user_id', old.blocked_id));
  return null;
end;
$function$;

create or replace function chat_private.who_is_online (
  room_id bigint
)
  returns jsonb
  language plpgsql
  stable
  set search_path to ''
  AS $function$
begin
  return (
    select coalesce(jsonb_agg(chat_private.status_payload(rooms, status, profiles)), '[]')
    from chat.room_members as members
    join chat.user_status as status on status.user_id = members.user_id
    join chat.profiles as profiles on profiles.id = members.user_id
    where members.room_id = rooms.id and chat.is_online(status) and not chat_private.hides_status(members.user_id, rooms.id)
  )
  from chat.rooms as rooms
  where rooms.id = who_is_online.room_id and not chat_private.is_large(rooms)
    and not chat_private.is_blocked(rooms.direct_key);
end;
$function$;

alter table "chat"."blocks"
  add constraint "blocks_blocked_id_fkey" foreign key (blocked_id) references chat.profiles(id) on delete cascade;

create index blocks_blocked_id_idx on chat.blocks using btree (blocked_id);

create trigger blocked
  after insert on chat.blocks
  for each row
  execute function chat_private.blocked();

create trigger unblocked
  after delete on chat.blocks
  for each row
  execute function chat_private.unblocked();

create policy "people can read who is online" on "chat"."user_status"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND (not ( select
    chat_private.is_anonymous() as is_anonymous)) AND
    (not (user_id in ( select chat_private.my_blockers() as my_blockers)))));

comment on function "chat"."add_members"(bigint, uuid[]) is 'Adds users to a group, as its owner or an admin, or as a member where inviting is for everyone; returns the new members. Raises room_not_found, not_a_member, role_required, direct_room_fixed, invalid_members, user_not_found, not_reachable, rate_limited.';

comment on function "chat"."block_user"(uuid) is 'Blocks a user, and ends the friendships of the two: neither can write to the other in a direct chat, nor add the other to a group, and the blocked user sees no status of the caller. Does nothing for who is blocked already. Raises user_not_found, invalid_members, rate_limited, caller_required.';

comment on function "chat"."create_direct_room"(uuid) is 'The direct room of the caller and another user, created if there is none. Raises invalid_members, user_not_found, not_reachable, rate_limited, caller_required.';

comment on function "chat"."create_group_room"(text, uuid[], boolean, text, text, uuid) is 'Creates a group with up to 1,000 first members. The caller owns it; if a backend creates it, its first member does. A retry with the same client_id returns the first group. Raises invalid_members, user_not_found, not_reachable, client_id_reused, rate_limited, and room_not_found if the first group was deleted.';

comment on function "chat"."edit_message"(bigint, text, uuid[], boolean) is 'Edits a message of the caller. Given mentions replace the earlier ones; without them these stay. Raises message_not_found, sender_required, invalid_mentions, member_not_found, role_required, room_locked, not_reachable, rate_limited.';

comment on function "chat"."forward_message"(bigint, bigint, uuid, bigint) is 'Sends the content of a message to another room, as a message of the caller. It stays when the original is edited or deleted. Raises message_not_found, room_not_found, not_a_member, not_reachable, client_id_reused, caller_required.';

comment on function "chat"."pin_message"(bigint) is 'Pins a message for everyone in its room; returns the pin of a message that is already pinned. Raises message_not_found, room_locked, role_required, not_reachable.';

comment on function "chat"."react"(bigint, text) is 'Puts an emoji, or a single sign, of the caller on a message, and returns the message; does nothing if it is there. A message has at most 20 kinds. Raises message_not_found, room_locked, not_reachable, invalid_emoji, too_many_kinds, rate_limited, caller_required.';

comment on function "chat"."send_message"(bigint, text, uuid, bigint, bigint, jsonb, uuid, uuid[], uuid[], boolean) is
  'Sends a message as the caller; a backend names the sender, or none. A retry with the same client_id returns the first message. Its files were announced by begin_upload() and uploaded; with files the content may be empty. It can mention up to 50 members, or all: in a room of more than 50 as an admin. Raises room_not_found, not_a_member, message_not_found, client_id_reused, sender_required, invalid_attachment, attachment_not_found, attachment_not_uploaded, invalid_mentions, member_not_found, role_required, room_locked, not_reachable, rate_limited, slow_mode.';

comment on function "chat"."unblock_user"(uuid) is 'Ends a block of the caller; does nothing for who is not blocked. Friendships do not come back. Raises caller_required.';

comment on function "chat_private"."direct_key"(uuid, uuid) is 'The unordered pair of two users, as in rooms.direct_key.';

comment on function "chat_private"."hides_status"(uuid, bigint) is 'Whether a user has blocked a member of a room: what is broadcast to the room would reach that member.';

comment on function "chat_private"."is_blocked"(text) is 'Whether one of two people has blocked the other; false for null, the key of a group.';

comment on function "chat_private"."keep_digest"(chat.messages) is 'Call it before the first change of a message, also of one that is not written yet.';

comment on function "chat_private"."mention"(chat.messages, chat.messages) is 'A message with the numbers and the names of those that it mentions, except members who have blocked the sender; before is the message that an edit changes. Raises member_not_found, role_required.';

comment on function "chat_private"."my_blockers"() is 'Who has blocked the caller, for policies.';

comment on function "chat_private"."require_reachable"(uuid[]) is 'Raises not_reachable if the caller and one of these users have blocked each other. A backend reaches everyone.';

comment on function "chat_private"."require_unblocked"(text) is 'Raises not_reachable if one of two people has blocked the other.';

comment on function "chat_private"."who_is_online"(bigint) is 'The last status events of the online members of a room of the caller; null for a large room, and where one has blocked the other.';

comment on table "chat"."blocks" is 'Whom each user has blocked.';

comment on table "chat_private"."client_keys" is 'Digests of the first write with each key; for messages only of those that were stored otherwise, or have changed.';

revoke all on function "chat"."block_user"(uuid) from public;

grant execute on function "chat"."block_user"(uuid) to "authenticated", "service_role";

revoke all on function "chat"."unblock_user"(uuid) from public;

grant execute on function "chat"."unblock_user"(uuid) to "authenticated", "service_role";

revoke all on function "chat_private"."block_user"(uuid) from public;

grant execute on function "chat_private"."block_user"(uuid) to "authenticated", "service_role";

revoke all on function "chat_private"."blocked"() from public;

revoke all on function "chat_private"."direct_key"(uuid, uuid) from public;

grant execute on function "chat_private"."direct_key"(uuid, uuid) to "authenticated", "service_role";

revoke all on function "chat_private"."hides_status"(uuid, bigint) from public;

grant execute on function "chat_private"."hides_status"(uuid, bigint) to "authenticated", "service_role";

revoke all on function "chat_private"."is_blocked"(text) from public;

grant execute on function "chat_private"."is_blocked"(text) to "authenticated", "service_role";

revoke all on function "chat_private"."my_blockers"() from public;

grant execute on function "chat_private"."my_blockers"() to "authenticated", "service_role";

revoke all on function "chat_private"."require_reachable"(uuid[]) from public;

revoke all on function "chat_private"."require_unblocked"(text) from public;

grant execute on function "chat_private"."require_unblocked"(text) to "authenticated", "service_role";

revoke all on function "chat_private"."unblock_user"(uuid) from public;

grant execute on function "chat_private"."unblock_user"(uuid) to "authenticated", "service_role";

revoke all on function "chat_private"."unblocked"() from public;

grant select on table "chat"."blocks" to "authenticated";

grant delete, insert, select, update on table "chat"."blocks" to "service_role";

alter table "chat"."blocks"
  add constraint "blocks_user_id_fkey" foreign key (user_id) references chat.profiles(id) on delete cascade;

create policy "people can read whom they have blocked" on "chat"."blocks"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND (user_id = ( select auth.uid() as
    uid))));

create index blocks_pair_idx on chat.blocks using btree (chat_private.direct_key(user_id, blocked_id));

insert into chat_private.limits (action, capacity, per_second) values ('block_person', 1000, 0.2);

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
