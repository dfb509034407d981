-- reactions, 3 of 3: written by `npm run db:migration` from the difference of sql/, then read by a person.

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

drop function "chat_private"."with_receipts"(bigint, chat.messages[]);

create table "chat"."reactions" (
  "message_id" bigint                   not null,
  "room_id"    bigint                   not null,
  "user_id"    uuid                     not null default auth.uid(),
  "emoji"      text                     not null,
  "created_at" timestamp with time zone not null default now(),
  constraint "reactions_pkey" primary key (message_id, user_id, emoji)
);

alter table "chat"."reactions"
  enable row level security;

create or replace function chat.own_reactions (
  message chat.messages
)
  returns text[]
  language sql
  stable
  set search_path to ''
  AS $function$
  select case when message.reactions = '{}' then '{}' else chat_private.own_reactions(message.id) end;
$function$;

create or replace function chat.react (
  message_id bigint,
  emoji      text
)
  returns chat.messages
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_caller();
  perform chat_private.lock_room_of(message_id);
  perform chat_private.require_message(message_id);
  return chat_private.set_reaction(message_id, chat_private.require_emoji(emoji), true);
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
    -- Of the caller; a change says only how many people have reacted.
    'own_reactions', case when reacted is null then '{}' else (
      select jsonb_object_agg(id, to_jsonb(chat_private.own_reactions(id))) from unnest(reacted) as id
    ) end
  );
end;
$function$;

create or replace function chat.unreact (
  message_id bigint,
  emoji      text
)
  returns chat.messages
  language plpgsql
  set search_path to ''
  AS $function$
begin
  perform chat_private.require_caller();
  perform chat_private.lock_room_of(message_id);
  perform chat_private.require_message(message_id);
  return chat_private.set_reaction(message_id, chat_private.require_emoji(emoji), false);
end;
$function$;

create or replace function chat_private.changes (
  room_id       bigint,
  since_version bigint,
  max_rows      integer
)
  returns table (
    version  bigint,
    event    text,
    payload  jsonb,
    has_more boolean
  )
  language plpgsql
  stable
  set search_path to ''
  AS $function$
#variable_conflict use_column
begin
  return query
  with changed as (
    (
      select messages.version, chat_private.message_bytes(messages) as bytes, messages as message,
        false as is_reactions, null::chat.room_changes as change
      from chat.messages as messages
      where messages.room_id = changes.room_id and messages.version > since_version
      order by messages.version
      limit max_rows + 1
    )
    union all
    (
      select messages.reactions_version, 200 + octet_length(messages.reactions::text), messages, true, null::chat.room_changes
      from chat.messages as messages
      where messages.room_id = changes.room_id and messages.reactions_version > since_version
      order by messages.reactions_version
      limit max_rows + 1
    )
    union all
    (
      select others.version, 200 + octet_length(others.payload::text), null::chat.messages, false, others
      from chat.room_changes as others
      where others.room_id = changes.room_id and others.version > since_version
      order by others.version
      limit max_rows + 1
    )
  ),
  sized as (
    select changed.*, row_number() over in_order as place, sum(bytes) over in_order - bytes as bytes_before,
      count(*) over () as found
    from changed
    window in_order as (order by changed.version)
  ),
  -- As many as fit into one response.
  page as (
    select sized.*, count(*) over () < sized.found as has_more
    from sized
    where place <= max_rows and bytes_before < chat_private.page_bytes()
  )
  select page.version,
    case
      when page.is_reactions then 'message.reactions'
      when (page.message).id is null then (page.change).event
      else chat_private.message_event(page.message)
    end,
    case
      when page.is_reactions then chat_private.reactions_payload(page.message)
      when (page.message).id is null then chat_private.change_payload(page.change)
      else chat_private.message_payload(page.message)
    end,
    page.has_more
  from page
  order by page.version;
end;
$function$;

create or replace function chat_private.count_reaction (
  reaction chat.reactions,
  added    boolean
)
  returns void
  language plpgsql
  set search_path to ''
  AS $function$
declare
  message chat.messages;
  room chat.rooms;
begin
  -- The reactions of a deleted message, or of a deleted room, go without an event.
  if not exists (select from chat.messages where id = reaction.message_id and deleted_at is null) then
    return;
  end if;
  update chat.rooms set version = version + 1
  where id = reaction.room_id and deleted_at is null
  returning * into room;
  if not found then
    return;
  end if;
  update chat.messages as messages
  set reactions_version = room.version,
    reactions = case
      when added or (messages.reactions ->> reaction.emoji)::integer > 1 then jsonb_set(
        messages.reactions, array[reaction.emoji],
        to_jsonb(coalesce((messages.reactions ->> reaction.emoji)::integer, 0) + case when added then 1 else -1 end)
      )
      else messages.reactions - reaction.emoji
    end
  where messages.id = reaction.message_id
  returning * into message;
  perform chat_private.announce(
    room.topic, 'message.reactions',
    chat_private.reactions_payload(message)
      || jsonb_build_object('user_id', reaction.user_id, 'emoji', reaction.emoji, 'added', added)
  );
end;
$function$;

create or replace function chat_private.emoji (
  value text
)
  returns text
  language plpgsql
  immutable
  parallel safe
  set search_path to ''
  AS $function$
declare
  -- Shown as text unless a variation selector follows.
  textual constant text :=
      '[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9-\u21aa\u2328\u23cf\u23ed-\u23ef\u23f1-\u23f2'
      '\u23f8-\u23fa\u24c2\u25aa-\u25ab\u25b6\u25c0\u25fb-\u25fc\u2600-\u2604\u260e\u2611\u2618\u261d\u2620'
      '\u2622-\u2623\u2626\u262a\u262e-\u262f\u2638-\u263a\u2640\u2642\u265f-\u2660\u2663\u2665-\u2666\u2668\u267b'
      '\u267e\u2692\u2694-\u2697\u2699\u269b-\u269c\u26a0\u26a7\u26b0-\u26b1\u26c8\u26cf\u26d1\u26d3\u26e9'
      '\u26f0-\u26f1\u26f4\u26f7-\u26f9\u2702\u2708-\u2709\u270c-\u270d\u270f\u2712\u2714\u2716\u271d\u2721'
      '\u2733-\u2734\u2744\u2747\u2763-\u2764\u27a1\u2934-\u2935\u2b05-\u2b07\u3030\u303d\u3297\u3299'
      '\U0001f170-\U0001f171\U0001f17e-\U0001f17f\U0001f202\U0001f237\U0001f321\U0001f324-\U0001f32c\U0001f336'
      '\U0001f37d\U0001f396-\U0001f397\U0001f399-\U0001f39b\U0001f39e-\U0001f39f\U0001f3cb-\U0001f3ce'
      '\U0001f3d4-\U0001f3df\U0001f3f3\U0001f3f5\U0001f3f7\U0001f43f\U0001f441\U0001f4fd\U0001f549-\U0001f54a'
      '\U0001f56f-\U0001f570\U0001f573-\U0001f579\U0001f587\U0001f58a-\U0001f58d\U0001f590\U0001f5a5\U0001f5a8'
      '\U0001f5b1-\U0001f5b2\U0001f5bc\U0001f5c2-\U0001f5c4\U0001f5d1-\U0001f5d3\U0001f5dc-\U0001f5de\U0001f5e1'
      '\U0001f5e3\U0001f5e8\U0001f5ef\U0001f5f3\U0001f5fa\U0001f6cb\U0001f6cd-\U0001f6cf\U0001f6e0-\U0001f6e5'
      '\U0001f6e9\U0001f6f0\U0001f6f3]';
  one constant text :=
      '[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u2199\u21a9-\u21aa\u231a-\u231b\u2328\u2388\u23cf\u23e9-\u23f3'
      '\u23f8-\u23fa\u24c2\u25aa-\u25ab\u25b6\u25c0\u25fb-\u25fe\u2600-\u2605\u2607-\u2612\u2614-\u2685\u2690-\u2705'
      '\u2708-\u2712\u2714\u2716\u271d\u2721\u2728\u2733-\u2734\u2744\u2747\u274c\u274e\u2753-\u2755\u2757'
      '\u2763-\u2767\u2795-\u2797\u27a1\u27b0\u27bf\u2934-\u2935\u2b05-\u2b07\u2b1b-\u2b1c\u2b50\u2b55\u3030\u303d'
      '\u3297\u3299\U0001f000-\U0001f0ff\U0001f10d-\U0001f10f\U0001f12f\U0001f16c-\U0001f171\U0001f17e-\U0001f17f'
      '\U0001f18e\U0001f191-\U0001f19a\U0001f1ad-\U0001f1e5\U0001f201-\U0001f20f\U0001f21a\U0001f22f'
      '\U0001f232-\U0001f23a\U0001f23c-\U0001f23f\U0001f249-\U0001f53d\U0001f546-\U0001f64f\U0001f680-\U0001f6ff'
      '\U0001f774-\U0001f77f\U0001f7d5-\U0001f7ff\U0001f80c-\U0001f80f\U0001f848-\U0001f84f\U0001f85a-\U0001f85f'
      '\U0001f888-\U0001f88f\U0001f8ae-\U0001f8ff\U0001f90c-\U0001f93a\U0001f93c-\U0001f945\U0001f947-\U0001faff'
      '\U0001fc00-\U0001fffd]'
      || '(\ufe0f|[\U0001f3fb-\U0001f3ff])?([\U000e0020-\U000e007e]+\U000e007f)?';
  sign constant text :=
      '[\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007e\u00a1-\u00a8\u00ab-\u00ac\u00af-\u00b1\u00b4'
      '\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u02c2-\u02c5\u02d2-\u02df\u02e5-\u02eb\u02ed\u02ef-\u02ff\u0375\u037e'
      '\u0384-\u0385\u0387\u03f6\u0482\u055a-\u055f\u0589-\u058a\u058d-\u058f\u05be\u05c0\u05c3\u05c6\u05f3-\u05f4'
      '\u0606-\u060f\u061b\u061d-\u061f\u066a-\u066d\u06d4\u06de\u06e9\u06fd-\u06fe\u0700-\u070d\u07f6-\u07f9'
      '\u07fe-\u07ff\u0830-\u083e\u085e\u0888\u0964-\u0965\u0970\u09f2-\u09f3\u09fa-\u09fb\u09fd\u0a76\u0af0-\u0af1'
      '\u0b70\u0bf3-\u0bfa\u0c77\u0c7f\u0c84\u0d4f\u0d79\u0df4\u0e3f\u0e4f\u0e5a-\u0e5b\u0f01-\u0f17\u0f1a-\u0f1f'
      '\u0f34\u0f36\u0f38\u0f3a-\u0f3d\u0f85\u0fbe-\u0fc5\u0fc7-\u0fcc\u0fce-\u0fda\u104a-\u104f\u109e-\u109f\u10fb'
      '\u1360-\u1368\u1390-\u1399\u1400\u166d-\u166e\u169b-\u169c\u16eb-\u16ed\u1735-\u1736\u17d4-\u17d6\u17d8-\u17db'
      '\u1800-\u180a\u1940\u1944-\u1945\u19de-\u19ff\u1a1e-\u1a1f\u1aa0-\u1aa6\u1aa8-\u1aad\u1b4e-\u1b4f\u1b5a-\u1b6a'
      '\u1b74-\u1b7f\u1bfc-\u1bff\u1c3b-\u1c3f\u1c7e-\u1c7f\u1cc0-\u1cc7\u1cd3\u1fbd\u1fbf-\u1fc1\u1fcd-\u1fcf'
      '\u1fdd-\u1fdf\u1fed-\u1fef\u1ffd-\u1ffe\u2010-\u2027\u2030-\u203b\u203d-\u2048\u204a-\u205e\u207a-\u207e'
      '\u208a-\u208e\u20a0-\u20c0\u2100-\u2101\u2103-\u2106\u2108-\u2109\u2114\u2116-\u2118\u211e-\u2121\u2123\u2125'
      '\u2127\u2129\u212e\u213a-\u213b\u2140-\u2144\u214a-\u214d\u214f\u218a-\u218b\u2190-\u2193\u219a-\u21a8'
      '\u21ab-\u2319\u231c-\u2327\u2329-\u2387\u2389-\u23ce\u23d0-\u23e8\u23f4-\u23f7\u23fb-\u2429\u2440-\u244a'
      '\u249c-\u24c1\u24c3-\u24e9\u2500-\u25a9\u25ac-\u25b5\u25b7-\u25bf\u25c1-\u25fa\u25ff\u2606\u2613\u2686-\u268f'
      '\u2706-\u2707\u2713\u2715\u2717-\u271c\u271e-\u2720\u2722-\u2727\u2729-\u2732\u2735-\u2743\u2745-\u2746'
      '\u2748-\u274b\u274d\u274f-\u2752\u2756\u2758-\u2762\u2768-\u2775\u2794\u2798-\u27a0\u27a2-\u27af\u27b1-\u27be'
      '\u27c0-\u27ff\u2801-\u2933\u2936-\u2b04\u2b08-\u2b1a\u2b1d-\u2b4f\u2b51-\u2b54\u2b56-\u2b73\u2b76-\u2b95'
      '\u2b97-\u2bff\u2ce5-\u2cea\u2cf9-\u2cfc\u2cfe-\u2cff\u2d70\u2e00-\u2e2e\u2e30-\u2e5d\u2e80-\u2e99\u2e9b-\u2ef3'
      '\u2f00-\u2fd5\u2ff0-\u2fff\u3001-\u3004\u3008-\u3020\u3036-\u3037\u303e-\u303f\u309b-\u309c\u30a0\u30fb'
      '\u3190-\u3191\u3196-\u319f\u31c0-\u31e5\u31ef\u3200-\u321e\u322a-\u3247\u3250\u3260-\u327f\u328a-\u3296\u3298'
      '\u329a-\u32b0\u32c0-\u33ff\u4dc0-\u4dff\ua490-\ua4c6\ua4fe-\ua4ff\ua60d-\ua60f\ua673\ua67e\ua6f2-\ua6f7'
      '\ua700-\ua716\ua720-\ua721\ua789-\ua78a\ua828-\ua82b\ua836-\ua839\ua874-\ua877\ua8ce-\ua8cf\ua8f8-\ua8fa\ua8fc'
      '\ua92e-\ua92f\ua95f\ua9c1-\ua9cd\ua9de-\ua9df\uaa5c-\uaa5f\uaa77-\uaa79\uaade-\uaadf\uaaf0-\uaaf1\uab5b'
      '\uab6a-\uab6b\uabeb\ufb29\ufbb2-\ufbc2\ufd3e-\ufd4f\ufdcf\ufdfc-\ufdff\ufe10-\ufe19\ufe30-\ufe52\ufe54-\ufe66'
      '\ufe68-\ufe6b\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\uffe0-\uffe6\uffe8-\uffee\ufffc-\ufffd'
      '\U00010100-\U00010102\U00010137-\U0001013f\U00010179-\U00010189\U0001018c-\U0001018e\U00010190-\U0001019c'
      '\U000101a0\U000101d0-\U000101fc\U0001039f\U000103d0\U0001056f\U00010857\U00010877-\U00010878\U0001091f'
      '\U0001093f\U00010a50-\U00010a58\U00010a7f\U00010ac8\U00010af0-\U00010af6\U00010b39-\U00010b3f'
      '\U00010b99-\U00010b9c\U00010d6e\U00010d8e-\U00010d8f\U00010ead\U00010f55-\U00010f59\U00010f86-\U00010f89'
      '\U00011047-\U0001104d\U000110bb-\U000110bc\U000110be-\U000110c1\U00011140-\U00011143\U00011174-\U00011175'
      '\U000111c5-\U000111c8\U000111cd\U000111db\U000111dd-\U000111df\U00011238-\U0001123d\U000112a9'
      '\U000113d4-\U000113d5\U000113d7-\U000113d8\U0001144b-\U0001144f\U0001145a-\U0001145b\U0001145d\U000114c6'
      '\U000115c1-\U000115d7\U00011641-\U00011643\U00011660-\U0001166c\U000116b9\U0001173c-\U0001173f\U0001183b'
      '\U00011944-\U00011946\U000119e2\U00011a3f-\U00011a46\U00011a9a-\U00011a9c\U00011a9e-\U00011aa2'
      '\U00011b00-\U00011b09\U00011be1\U00011c41-\U00011c45\U00011c70-\U00011c71\U00011ef7-\U00011ef8'
      '\U00011f43-\U00011f4f\U00011fd5-\U00011ff1\U00011fff\U00012470-\U00012474\U00012ff1-\U00012ff2'
      '\U00016a6e-\U00016a6f\U00016af5\U00016b37-\U00016b3f\U00016b44-\U00016b45\U00016d6d-\U00016d6f'
      '\U00016e97-\U00016e9a\U00016fe2\U0001bc9c\U0001bc9f\U0001cc00-\U0001ccef\U0001cd00-\U0001ceb3'
      '\U0001cf50-\U0001cfc3\U0001d000-\U0001d0f5\U0001d100-\U0001d126\U0001d129-\U0001d158\U0001d15a-\U0001d164'
      '\U0001d16a-\U0001d16c\U0001d183-\U0001d184\U0001d18c-\U0001d1a9\U0001d1ae-\U0001d1ea\U0001d200-\U0001d241'
      '\U0001d245\U0001d300-\U0001d356\U0001d6c1\U0001d6db\U0001d6fb\U0001d715\U0001d735\U0001d74f\U0001d76f'
      '\U0001d789\U0001d7a9\U0001d7c3\U0001d800-\U0001d9ff\U0001da37-\U0001da3a\U0001da6d-\U0001da74'
      '\U0001da76-\U0001da83\U0001da85-\U0001da8b\U0001e14f\U0001e2ff\U0001e5ff\U0001e95e-\U0001e95f\U0001ecac'
      '\U0001ecb0\U0001ed2e\U0001eef0-\U0001eef1\U0001f110-\U0001f12e\U0001f130-\U0001f16b\U0001f172-\U0001f17d'
      '\U0001f180-\U0001f18d\U0001f18f-\U0001f190\U0001f19b-\U0001f1ac\U0001f200\U0001f210-\U0001f219'
      '\U0001f21b-\U0001f22e\U0001f230-\U0001f231\U0001f23b\U0001f240-\U0001f248\U0001f53e-\U0001f545'
      '\U0001f650-\U0001f67f\U0001f700-\U0001f773\U0001f780-\U0001f7d4\U0001f800-\U0001f80b\U0001f810-\U0001f847'
      '\U0001f850-\U0001f859\U0001f860-\U0001f887\U0001f890-\U0001f8ad\U0001f900-\U0001f90b\U0001f93b\U0001f946'
      '\U0001fb00-\U0001fb92\U0001fb94-\U0001fbef]';
  bare constant text := translate(value, E'\ufe0e\ufe0f', '');
  full_spelling constant text := regexp_replace(
    regexp_replace(bare, '(' || textual || ')(?![\U0001f3fb-\U0001f3ff])', E'\\1\ufe0f', 'g'), '^([0-9#*])(\u20e3)$', E'\\1\ufe0f\\2'
  );
begin
  if octet_length(value) > 64 then
    return null;
  elsif full_spelling ~ ('^' || one || '(\u200d' || one || ')*$')
    or full_spelling ~ ('^([\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f\u20e3|' || sign || ')$')
  then
    return full_spelling;
  end if;
  return null;
end;
$function$;

create or replace function chat_private.job_forget_senders()
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  until constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  departed uuid;
begin
  loop
    select user_id into departed from chat_private.departed_senders order by departed_at, user_id limit 1;
    if not found then
      return false;
    end if;
    -- Skips a message that is being edited or deleted: its room is locked, and this does not wait.
    update chat.messages set sender_id = null where id in (
      select messages.id from chat.messages as messages where messages.sender_id = departed
      limit 100
      for no key update skip locked
    );
    if not found and not chat_private.remove_reactions_of(departed, 100)
      and not exists (select from chat.messages where sender_id = departed)
      and not exists (select from chat.reactions where user_id = departed)
    then
      delete from chat_private.departed_senders where user_id = departed;
    end if;
    if clock_timestamp() > until then
      return true;
    end if;
  end loop;
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
    + octet_length(message.metadata::text) + octet_length(message.reactions::text);
end;
$function$;

create or replace function chat_private.message_written()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  topic text;
  marks jsonb;
begin
  if tg_op = 'UPDATE' then
    perform chat_private.empty_last_event(old);
    if new.deleted_at is null then
      perform chat_private.note_event_time(new.id, new.edited_at);
    end if;
  elsif new.created_at not between now() and now() + interval '10 seconds' then
    perform chat_private.note_event_time(new.id, new.created_at);
  end if;
  select rooms.topic, case
    when tg_op = 'UPDATE' then '{}'
    when sender.user_id is null then '{"read_marks": []}'
    -- A send may have moved the marks of its sender. As in sync().
    else jsonb_build_object('read_marks', jsonb_build_array(jsonb_build_object(
      'user_id', sender.user_id,
      'last_read_seq', sender.last_read_seq,
      'last_delivered_seq', sender.last_delivered_seq
    )))
  end
  into topic, marks
  from chat.rooms as rooms
  left join chat.room_members as sender on sender.room_id = rooms.id and sender.user_id = new.sender_id
  where rooms.id = new.room_id;
  perform chat_private.announce(
    topic, chat_private.message_event(new), chat_private.message_payload(new) || marks
  );
  if new.deleted_at is not null then
    delete from chat.pins where message_id = new.id;
    delete from chat.reactions where message_id = new.id;
  end if;
  return null;
end;
$function$;

create or replace function chat_private.own_reactions (
  message_id bigint
)
  returns text[]
  language plpgsql
  stable
  security definer
  set search_path to ''
  AS $function$
begin
  return array(
    select reactions.emoji from chat.reactions as reactions
    where reactions.message_id = own_reactions.message_id and reactions.user_id = (select auth.uid())
    order by reactions.created_at, reactions.emoji
  );
end;
$function$;

create or replace function chat_private.profile_left()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  -- A few messages and reactions at once, the others by a job.
  update chat.messages set sender_id = null
  where id in (select messages.id from chat.messages as messages where messages.sender_id = old.id limit 200);
  perform chat_private.remove_reactions_of(old.id, 200);
  insert into chat_private.departed_senders (user_id)
  select old.id
  where exists (select from chat.messages where sender_id = old.id) or exists (select from chat.reactions where user_id = old.id)
  on conflict do nothing;
  return null;
end;
$function$;

create or replace function chat_private.reaction_added()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.count_reaction(new, true);
  return null;
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
  return new;
end;
$function$;

create or replace function chat_private.reaction_changing()
  returns trigger
  language plpgsql
  set search_path to ''
  AS $function$
begin
  return old;
end;
$function$;

create or replace function chat_private.reaction_removed()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
begin
  perform chat_private.count_reaction(old, false);
  return null;
end;
$function$;

create or replace function chat_private.reactions_payload (
  message chat.messages
)
  returns jsonb
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
begin
  return jsonb_build_object(
    'room_id', message.room_id,
    'version', message.reactions_version,
    'message_id', message.id,
    'seq', message.seq,
    'counts', message.reactions
  );
end;
$function$;

create or replace function chat_private.remove_reactions_of (
  departed uuid,
  max_rows integer
)
  returns boolean
  language plpgsql
  set search_path to ''
  AS $function$
declare
  locked bigint[];
begin
  locked := array(
    select rooms.id from chat.rooms as rooms
    where rooms.id in (
      select page.room_id
      from (select reactions.room_id from chat.reactions as reactions where reactions.user_id = departed limit max_rows) as page
    )
      and rooms.deleted_at is null
    order by rooms.id
    for no key update skip locked
  );
  delete from chat.reactions where (message_id, user_id, emoji) in (
    select reactions.message_id, reactions.user_id, reactions.emoji from chat.reactions as reactions
    where reactions.user_id = departed and reactions.room_id = any (locked)
    limit max_rows
  );
  return found;
end;
$function$;

create or replace function chat_private.remove_room_rows (
  room_id  bigint,
  max_rows integer
)
  returns integer
  language plpgsql
  set search_path to ''
  AS $function$
declare
  removed integer := chat_private.notify_removed_members(remove_room_rows.room_id, max_rows);
  more integer;
begin
  delete from chat.pins where id in (
    select pins.id from chat.pins as pins where pins.room_id = remove_room_rows.room_id order by pins.id limit max_rows
  );
  get diagnostics more = row_count;
  removed := removed + more;
  delete from chat.reactions where (message_id, user_id, emoji) in (
    select reactions.message_id, reactions.user_id, reactions.emoji from chat.reactions as reactions
    where reactions.room_id = remove_room_rows.room_id order by reactions.message_id limit max_rows
  );
  get diagnostics more = row_count;
  removed := removed + more;
  delete from chat.room_changes as changes
  where changes.room_id = remove_room_rows.room_id and changes.version in (
    select page.version from chat.room_changes as page
    where page.room_id = remove_room_rows.room_id order by page.version limit max_rows
  );
  get diagnostics more = row_count;
  removed := removed + more;
  -- The newest first: a reply is deleted before the message that it replies to.
  delete from chat.messages where id in (
    select messages.id from chat.messages as messages
    where messages.room_id = remove_room_rows.room_id order by messages.seq desc limit max_rows
  );
  get diagnostics more = row_count;
  return removed + more;
end;
$function$;

create or replace function chat_private.require_emoji (
  value text
)
  returns text
  language plpgsql
  immutable
  set search_path to ''
  AS $function$
declare
  emoji text := chat_private.emoji(value);
begin
  if emoji is null then
    raise sqlstate 'PT400' using message = 'invalid_emoji', detail = 'A reaction is one emoji, or one sign, of at most 64 bytes.';
  end if;
  return emoji;
end;
$function$;

create or replace function chat_private.room_deleted()
  returns trigger
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  much constant integer := 1000;
  user_ids uuid[];
begin
  if old.deleted_at is not null then
    return null; -- the placeholder row itself
  end if;
  delete from chat_private.rosters where room_id = old.id;
  perform chat_private.announce(
    old.topic, 'room.deleted', jsonb_build_object('room_id', old.id, 'version', old.version + 1)
  );
  with gone as (delete from chat.room_members where room_id = old.id returning user_id)
  select coalesce(array_agg(user_id), '{}') into user_ids from gone;
  perform chat_private.announce('user:' || user_id, 'room.removed', jsonb_build_object('room_id', old.id))
  from unnest(user_ids[:much]) as user_id;

  if cardinality(user_ids) > much or not chat_private.may_remove_now(old.version) then
    insert into chat.rooms (id, kind, created_at, deleted_at) overriding system value
    values (old.id, 'group', old.created_at, now());
    insert into chat_private.removed_members (room_id, user_id)
    select old.id, user_id from unnest(user_ids[much + 1:]) as user_id;
  else
    delete from chat.pins where room_id = old.id;
    delete from chat.reactions where room_id = old.id;
    delete from chat.room_changes where room_id = old.id;
    delete from chat.messages where room_id = old.id;
  end if;
  return null;
end;
$function$;

create or replace function chat_private.set_reaction (
  message_id bigint,
  emoji      text,
  added      boolean
)
  returns chat.messages
  language plpgsql
  security definer
  set search_path to ''
  AS $function$
declare
  message chat.messages := chat_private.require_message(message_id);
begin
  perform chat_private.require_role(message.room_id);
  if added then
    insert into chat.reactions (message_id, user_id, emoji) values (message.id, (select auth.uid()), set_reaction.emoji)
    on conflict on constraint reactions_pkey do nothing;
  else
    delete from chat.reactions as reactions
    where reactions.message_id = message.id and reactions.user_id = (select auth.uid())
      and reactions.emoji = set_reaction.emoji;
  end if;
  perform set_config('chat.repeated', (not found)::text, true);
  return chat_private.require_message(message.id);
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
    own_reactions      text[]
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
    case when page.reactions = '{}' then '{}' else chat_private.own_reactions(page.id) end
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
    'content', '', 'metadata', '{}'::jsonb,
    'forwarded_sender_id', null, 'forwarded_username', null, 'forwarded_content', null,
    'reactions', '{}'::jsonb, 'reactions_version', null
  );
$function$;

alter table "chat"."reactions"
  add constraint "reactions_message_id_fkey" foreign key (message_id) references chat.messages(id) on delete cascade;

alter table "chat"."reactions"
  add constraint "reactions_room_id_fkey" foreign key (room_id) references chat.rooms(id);

create trigger reaction_added
  after insert on chat.reactions
  for each row
  execute function chat_private.reaction_added();

create trigger reaction_adding
  before insert on chat.reactions
  for each row
  execute function chat_private.reaction_adding();

create trigger reaction_changing
  before update on chat.reactions
  for each row
  execute function chat_private.reaction_changing();

create trigger reaction_removed
  after delete on chat.reactions
  for each row
  execute function chat_private.reaction_removed();

create policy "members can read reactions" on "chat"."reactions"
  for select
  to "authenticated"
  using
    ((( select chat_private.require_modest_query() as require_modest_query) AND (room_id in ( select
    chat_private.my_room_ids() as my_room_ids))));

comment on column "chat"."reactions"."emoji" is 'Fully qualified: emoji() gives this spelling.';

comment on function "chat"."own_reactions"(chat.messages) is 'The emoji that the caller has put on a message, oldest first. A computed column of messages.';

comment on function "chat"."react"(bigint, text) is 'Puts an emoji, or a single sign, of the caller on a message, and returns the message; does nothing if it is there. A message has at most 20 kinds. Raises message_not_found, invalid_emoji, too_many_kinds, caller_required.';

comment on function "chat"."unreact"(bigint, text) is 'Takes an emoji of the caller from a message, and returns the message; does nothing if it is not there. Raises message_not_found, invalid_emoji, caller_required.';

comment on function "chat_private"."count_reaction"(chat.reactions, boolean) is 'Counts a reaction that was added or removed, and broadcasts the change.';

comment on function "chat_private"."emoji"(text) is 'An emoji of UTS #51, or a single sign such as ✓, in its full spelling; null for any other text, and one of more than 64 bytes.';

comment on function "chat_private"."job_forget_senders"() is 'Removes the ids of deleted accounts from their messages, then their reactions.';

comment on function "chat_private"."reactions_payload"(chat.messages) is 'The change "message.reactions" of a message, as in sync().';

comment on function "chat_private"."remove_reactions_of"(uuid, integer) is 'Removes up to max_rows reactions of a deleted account. Returns whether it removed any.';

comment on function "chat_private"."require_emoji"(text) is 'An emoji in its full spelling. Raises invalid_emoji.';

comment on function "chat_private"."with_receipts"(bigint, chat.messages[]) is 'Messages of a room of the caller, given in the order of seq or its reverse, with their senders, how many others have received and read them, and who in rooms of at most 20 members; how many people have reacted, and how the caller has.';

comment on table "chat"."reactions" is 'An emoji that a person has put on a message.';

comment on table "chat_private"."departed_senders" is 'Deleted accounts that still have messages or reactions.';

revoke all on function "chat"."own_reactions"(chat.messages) from public;

grant execute on function "chat"."own_reactions"(chat.messages) to "authenticated", "service_role";

revoke all on function "chat"."react"(bigint, text) from public;

grant execute on function "chat"."react"(bigint, text) to "authenticated", "service_role";

revoke all on function "chat"."unreact"(bigint, text) from public;

grant execute on function "chat"."unreact"(bigint, text) to "authenticated", "service_role";

revoke all on function "chat_private"."count_reaction"(chat.reactions, boolean) from public;

revoke all on function "chat_private"."emoji"(text) from public;

grant execute on function "chat_private"."emoji"(text) to "authenticated", "service_role";

revoke all on function "chat_private"."own_reactions"(bigint) from public;

grant execute on function "chat_private"."own_reactions"(bigint) to "authenticated", "service_role";

revoke all on function "chat_private"."reaction_added"() from public;

revoke all on function "chat_private"."reaction_adding"() from public;

revoke all on function "chat_private"."reaction_changing"() from public;

revoke all on function "chat_private"."reaction_removed"() from public;

revoke all on function "chat_private"."reactions_payload"(chat.messages) from public;

grant execute on function "chat_private"."reactions_payload"(chat.messages) to "authenticated", "service_role";

revoke all on function "chat_private"."remove_reactions_of"(uuid, integer) from public;

revoke all on function "chat_private"."require_emoji"(text) from public;

grant execute on function "chat_private"."require_emoji"(text) to "authenticated", "service_role";

revoke all on function "chat_private"."set_reaction"(bigint, text, boolean) from public;

grant execute on function "chat_private"."set_reaction"(bigint, text, boolean) to "authenticated", "service_role";

revoke all on function "chat_private"."with_receipts"(bigint, chat.messages[]) from public;

grant execute on function "chat_private"."with_receipts"(bigint, chat.messages[]) to "authenticated", "service_role";

grant select on table "chat"."reactions" to "authenticated";

grant delete, insert, select, update on table "chat"."reactions" to "service_role";

create index reactions_room_id_idx on chat.reactions using btree (room_id, message_id, emoji, created_at, user_id);

create index reactions_user_id_idx on chat.reactions using btree (user_id, room_id);

alter table "chat"."reactions"
  add constraint "reactions_emoji_check" check ((emoji = chat_private.emoji(emoji)));

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
