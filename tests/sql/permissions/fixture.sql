-- The people and the things that the matrix is tried on; rolled back with it.
select tests.sign_up('stranger', 'former', 'member', 'admin', 'owner', 'deputy', 'other', 'friend', 'blank', 'blocker', 'foe',
  'banned', 'moderator', 'administrator', 'suspended');
select tests.appoint('moderator', 'moderator'), tests.appoint('administrator', 'administrator');
create function pg_temp.people()
returns setof text
language sql
as $$
  select unnest(array[
    'stranger', 'former', 'member', 'admin', 'owner', 'deputy', 'other', 'banned', 'moderator', 'administrator',
    'suspended'
  ]);
$$;

-- What each of them has alone. Blank is an account whose profile is yet to come; friend has done nothing so far.
delete from chat.profiles where id = tests.user('blank');
update chat.profiles set show_email = true where id <> tests.user('other');
insert into chat.user_status (user_id) select tests.user(name) from pg_temp.people() as name;
insert into chat.friendships (user_id, friend_id)
select tests.user(name), tests.user(case name when 'other' then 'friend' else 'other' end) from pg_temp.people() as name;
insert into chat.posts (author_id, title, content) select tests.user(name), 'Post', name from pg_temp.people() as name;
insert into chat.conversations (id, owner_id, title)
select md5('conversation:' || name)::uuid, tests.user(name), 'About ' || name from pg_temp.people() as name;
insert into chat.conversation_messages (conversation_id, role, content)
select md5('conversation:' || name)::uuid, 'user', name from pg_temp.people() as name;
insert into chat.replies (conversation_id, owner_id, question_id)
select messages.conversation_id, tests.user(content), messages.id from chat.conversation_messages as messages
where messages.content in (select pg_temp.people());
insert into chat.reply_chunks (reply_id, index, owner_id, chars_before, text)
select id, 0, owner_id, 0, 'Tea' from chat.replies;

-- Definer: their ids are needed also by people who may not read them.
create function pg_temp.question(name text)
returns bigint
language sql stable security definer
as $$
  select min(id) from chat.conversation_messages where conversation_id = md5('conversation:' || name)::uuid;
$$;
create function pg_temp.running_reply(name text)
returns bigint
language sql stable security definer
as $$
  select id from chat.replies where conversation_id = md5('conversation:' || name)::uuid and state = 'running';
$$;

create function pg_temp.everyone_makes_a_home()
returns void
language plpgsql
as $$
declare
  name text;
begin
  for name in select pg_temp.people() loop
    perform tests.act_as(name);
    perform chat.create_group_room('Home of ' || name);
    perform chat.send_message(tests.room('Home of ' || name), 'At home with ' || name);
  end loop;
end;
$$;
select pg_temp.everyone_makes_a_home();

-- A public group that only other is in, a direct room of member and other.
select tests.act_as('other');
select from chat.create_group_room('The public group', is_public => true, slug => 'public.matrix');
select from chat.create_direct_room(tests.user('member'));
select from chat.send_message(tests.room('The public group'), 'Public');
select from chat.pin_message(tests.message('Public'));
select from chat.react(tests.message('Public'), '🎉');
select from chat.send_message(tests.room('The public group'), 'Public, not pinned');
select from chat.send_message(tests.direct_room('member', 'other'), 'Direct');
select from chat.pin_message(tests.message('Direct'));
select from chat.react(tests.message('Direct'), '🎉');
select from chat.send_message(tests.direct_room('member', 'other'), 'Direct, not pinned');

-- Blocker had a direct room with each of them, and has blocked them; they have blocked foe.
create function pg_temp.blocker_knows_everyone()
returns void
language plpgsql
as $$
begin
  perform tests.act_as('blocker');
  perform chat.create_direct_room(tests.user(name)), chat.touch_status() from pg_temp.people() as name;
end;
$$;
select pg_temp.blocker_knows_everyone();
select tests.act_as_operator();
insert into chat.blocks (user_id, blocked_id)
select tests.user('blocker'), tests.user(name) from pg_temp.people() as name
union all
select tests.user(name), tests.user('foe') from pg_temp.people() as name;

-- Everyone is invited to a group that only host is in.
select tests.sign_up('host', 'guest');
select tests.act_as('host');
select from chat.create_group_room('The inviting group');
select tests.act_as_operator();
-- Everyone asks to join another one.
insert into chat.rooms (kind, name, is_public, joining) values ('group', 'The asked group', true, 'request');
insert into chat.room_members (room_id, user_id, role) values (tests.room('The asked group'), tests.user('host'), 'owner');
insert into chat.join_requests (room_id, user_id) select tests.room('The asked group'), tests.user(name) from pg_temp.people() as name;
insert into chat.invitations (room_id, user_id, invited_by)
select tests.room('The inviting group'), tests.user(name), tests.user('host') from pg_temp.people() as name;

-- A private group of all but stranger, in which each writes; admin, deputy and suspended are admins, and former leaves it.
select tests.act_as('owner');
select from chat.create_group_room(
  'The private group',
  array[
    tests.user('former'), tests.user('member'), tests.user('admin'), tests.user('deputy'), tests.user('other'), tests.user('banned'),
    tests.user('suspended')
  ]
);
select from unnest(array['admin', 'deputy', 'suspended']) as name,
  chat.set_member_role(tests.room('The private group'), tests.user(name), 'admin');
create function pg_temp.everyone_writes()
returns void
language plpgsql
as $$
declare
  name text;
begin
  foreach name in array array['former', 'member', 'admin', 'owner', 'deputy', 'other', 'banned', 'suspended'] loop
    perform tests.act_as(name);
    perform chat.send_message(tests.room('The private group'), 'By ' || name);
  end loop;
end;
$$;
select pg_temp.everyone_writes();
select from chat.pin_message(tests.message('By other'));
select from chat.react(tests.message('By other'), '🎉');
select tests.act_as('former');
select chat.leave_room(tests.room('The private group'));
-- Banned is banned from both groups, and a moderator has banned foe from the private one.
select tests.act_as('owner');
select from chat.ban_member(tests.room('The private group'), tests.user('banned'), reason => 'Rude');
select tests.act_as('moderator');
select from chat.ban_member(tests.room('The private group'), tests.user('foe'));
select tests.act_as('other');
select from chat.ban_member(tests.room('The public group'), tests.user('banned'));

-- Two groups of owner, admin, suspended and member, who write in them before one is locked, and the other for announcements of its admins.
create function pg_temp.make_switched(group_name text, word text)
returns void
language plpgsql
as $$
declare
  name text;
begin
  perform tests.act_as('owner');
  perform chat.create_group_room(group_name, array[tests.user('admin'), tests.user('member'), tests.user('suspended')]);
  perform chat.set_member_role(tests.room(group_name), tests.user(each), 'admin') from unnest(array['admin', 'suspended']) as each;
  foreach name in array array['member', 'admin', 'owner', 'suspended'] loop
    perform tests.act_as(name);
    perform chat.send_message(tests.room(group_name), 'In ' || word || ' by ' || name);
  end loop;
  perform chat.pin_message(tests.message('In ' || word || ' by owner'));
end;
$$;
select pg_temp.make_switched('The locked group', 'locked'), pg_temp.make_switched('The announcements', 'announcements');
select tests.act_as('owner');
select from chat.update_room(tests.room('The locked group'), locked => true);
select from chat.update_room(tests.room('The announcements'), posting => 'admins', pinning => 'admins', inviting => 'everyone');
select tests.act_as_operator();
-- Each has a mute that has ended, and has reported other; friend has reported foe and moderator.
insert into chat.mutes (user_id, until) select tests.user(name), now() from pg_temp.people() as name;
insert into chat.reports (reporter_id, kind, user_id, reason, snapshot)
select tests.user(name), 'user'::chat.report_kind, tests.user('other'), 'spam'::chat.report_reason, '{}'::jsonb
from pg_temp.people() as name
union all
select tests.user('friend'), 'user', tests.user(name), 'spam', '{}' from unnest(array['foe', 'moderator']) as name;
insert into chat.daily_counts (day, messages) values ('2000-01-01', 1);
insert into chat_private.storage_use (bucket, measured_at) values ('avatars', now());
insert into chat_private.word_rules (pattern, action) values ('never written', 'flag');
create function pg_temp.open_report(name text)
returns bigint
language sql stable security definer
as $$
  select max(id) from chat.reports where user_id = tests.user(name) and state = 'open';
$$;
insert into chat.held_messages (room_id, sender_id, client_id, content, metadata, attachments, mentions, mention_all)
select
  (select id from chat.rooms where kind = 'group' order by id limit 1), tests.user(name), gen_random_uuid(), 'Held', '{}', '[]', '{}', false
from pg_temp.people() as name;
insert into chat.notices (user_id, kind, reason) select tests.user(name), 'warning', 'Rude' from pg_temp.people() as name;
insert into chat.mentions (user_id, room_id, seq, message_id)
select members.user_id, messages.room_id, messages.seq, messages.id
from chat.messages as messages join chat.room_members as members using (room_id) where messages.content = 'By other';
insert into chat.attachments (room_id, message_id, uploader_id, path, name, mime_type, bytes)
select room_id, id, sender_id, room_id || '/' || id, 'tea.png', 'image/png', 1
from chat.messages where content in ('By other', 'Public', 'Direct')
union all
select tests.room('The private group'), null, tests.user('other'), 'unsent', 'tea.png', 'image/png', 1;
insert into chat.invitations (room_id, user_id, invited_by) values
  (tests.room('The private group'), tests.user('guest'), tests.user('owner')),
  (tests.room('The announcements'), tests.user('guest'), tests.user('member'));
insert into chat.join_requests (room_id, user_id) values (tests.room('The private group'), tests.user('guest'));
insert into chat.invite_links (room_id, created_by, revoked_at)
select tests.room('The private group'), tests.user('owner'), null union all select tests.room('The private group'), null, now();
insert into chat_private.invite_tokens (hash, link_id)
select sha256(convert_to(case when revoked_at is null then 'open' else 'revoked' end, 'UTF8')), id from chat.invite_links;
insert into chat.message_edits (message_id, version, room_id, content, written_at)
select id, 1, room_id, 'Before', now() from chat.messages where content in ('By other', 'Public', 'Direct');

-- Who is suspended was an admin until now, like admin.
insert into chat.suspensions (user_id, reason) values (tests.user('suspended'), 'Of the fixture'), (tests.user('foe'), null);

-- Definer: any caller can find a topic, as if they had guessed it.
create function pg_temp.topic_of(room bigint)
returns text
language sql stable security definer
as $$
  select topic from chat.rooms where id = room;
$$;

-- Definer: as above.
create function pg_temp.invite_link()
returns bigint
language sql stable security definer
as $$
  select id from chat.invite_links where revoked_at is null;
$$;

-- What Realtime asks of a topic: whether a row of it can be seen, and whether one can be written.
create function pg_temp.receive(topic text)
returns setof realtime.messages
language plpgsql
as $$
begin
  perform set_config('realtime.topic', topic, true);
  return query select * from realtime.messages as messages where messages.topic = receive.topic;
end;
$$;
create function pg_temp.send(topic text)
returns boolean
language plpgsql
as $$
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (topic, extension) values (topic, 'broadcast');
  return true;
end;
$$;
insert into realtime.messages (topic, extension)
select topic || suffix, 'broadcast'
from (
  select topic from chat.rooms where name in ('The private group', 'The public group')
  union all
  select 'conversation:' || id from chat.conversations
  union all
  select 'user:' || tests.user(name) from unnest(array[
    'stranger', 'former', 'member', 'admin', 'owner', 'other', 'banned', 'moderator', 'administrator', 'suspended'
  ]) as name
) as topics (topic)
cross join unnest(array['', ':live']) as suffix;

-- What a statement comes to, run as this persona and undone.
create function pg_temp.verdict(persona text, statement text)
returns text
language plpgsql
as $$
declare
  touched bigint;
begin
  if persona = 'service' then
    perform set_config('role', 'service_role', true), set_config('request.jwt.claims', '{"role": "service_role"}', true);
  else
    perform tests.act_as(nullif(persona, 'anon'));
  end if;
  execute statement;
  get diagnostics touched = row_count;
  raise sqlstate 'DONE0' using message = case when touched > 0 then 'allow' else 'none' end;
exception
  when sqlstate 'DONE0' then
    return sqlerrm;
  when insufficient_privilege then
    return 'deny';
  when generated_always then
    return 'computed';
  when others then
    return case when sqlstate like 'PT%' then sqlerrm else sqlstate || ': ' || sqlerrm end;
end;
$$;
