-- From import_messages, as read from the file, to import_numbered: the new messages, with their numbers in their rooms.

-- A message id that occurs twice is one message: its newest edition, which comes first in the file.
create temporary table import_editions on commit drop as
select distinct on (message_id) *
from import_messages
order by message_id, sent_at desc, line;

create temporary table import_rooms on commit drop as
select
  source_room_id,
  (array_agg(uri order by sent_at desc))[1] as uri,
  left(lower(regexp_replace((array_agg(uri order by sent_at desc))[1], '([^\w.@+-]|_)+', '-', 'g')), 310) as slug,
  min(sent_at) as started_at,
  null::bigint as room_id,
  0::bigint as last_seq,
  0::bigint as version,
  null::timestamptz as last_message_at
from import_editions
group by source_room_id;

insert into chat.rooms (kind, slug, name, is_public, created_at)
select 'group', slug, left(uri, 255), true, started_at
from import_rooms
where not exists (select from chat.rooms where rooms.slug = import_rooms.slug)
order by started_at
on conflict (slug) do nothing;

-- Sends to these rooms, and other imports of them, wait until this is done.
select from chat.rooms where slug in (select slug from import_rooms) order by id for update;

update import_rooms
set
  room_id = rooms.id,
  last_seq = rooms.last_seq,
  version = rooms.version,
  last_message_at = rooms.last_message_at
from chat.rooms as rooms
where rooms.slug = import_rooms.slug;

-- In order of time; of equal times, the lower line in the file is older.
create temporary table import_numbered on commit drop as
select
  row_number() over (order by editions.sent_at, editions.line desc) as place,
  row_number() over (partition by rooms.room_id order by editions.sent_at, editions.line desc) as number,
  rooms.room_id,
  rooms.last_seq,
  rooms.version,
  rooms.last_message_at,
  editions.*
from import_editions as editions
join import_rooms as rooms using (source_room_id)
where not exists (
  select from chat.messages
  where messages.room_id = rooms.room_id and messages.client_id = editions.message_id
);
create index on import_numbered (place);
analyze import_numbered;

-- Accounts that cannot log in: no password, no identity, an invalid address. Hosted Auth cannot read nulls in the tokens,
-- and only finds the users of its one instance.
insert into auth.users (
  instance_id, id, aud, role, email, raw_app_meta_data, raw_user_meta_data, created_at, updated_at,
  confirmation_token, recovery_token, email_change, email_change_token_new
)
select
  '00000000-0000-0000-0000-000000000000', user_id, 'authenticated', 'authenticated', lower(source_user_id) || '@gitter.invalid',
  jsonb_build_object('provider', 'gitter', 'providers', jsonb_build_array(), 'imported_from', 'gitter', 'source_id', source_user_id),
  jsonb_build_object('username', username),
  sent_at, sent_at, '', '', '', ''
from (
  select distinct on (user_id) * from import_numbered order by user_id, sent_at desc
) as people
order by place
on conflict (id) do nothing;
