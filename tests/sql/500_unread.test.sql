begin;
select plan(24);

-- alice writes to bob and carol in a group
select tests.sign_up('alice', 'bob', 'carol', 'dave');
create function pg_temp.unread(name text)
returns bigint
language plpgsql
as $$
declare
  told bigint;
begin
  perform tests.act_as(name);
  select unread_count into told from chat.room_list(only_room_id => tests.room('Team'));
  return told;
end;
$$;
-- Counted one by one.
create function pg_temp.counted(name text)
returns bigint
language sql security definer
as $$
  select count(*) from chat.messages as messages
  join chat.room_members as members using (room_id)
  where messages.room_id = tests.room('Team') and members.user_id = tests.user(name)
    and messages.seq > members.last_read_seq and messages.deleted_at is null
    and messages.sender_id is distinct from members.user_id;
$$;
create function pg_temp.say(name text, variadic texts text[])
returns void
language plpgsql
as $$
begin
  perform tests.act_as(name);
  perform chat.send_message(tests.room('Team'), text) from unnest(texts) as text;
end;
$$;
create function pg_temp.delete_message(name text, content text)
returns void
language plpgsql
as $$
begin
  perform tests.act_as(name);
  perform chat.delete_message(tests.message(content));
end;
$$;
create function pg_temp.mark(name text)
returns bigint
language sql security definer
as $$
  select last_read_seq from chat.room_members where room_id = tests.room('Team') and user_id = tests.user(name);
$$;

select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob'), tests.user('carol')]);
select pg_temp.say('alice', 'one', 'two', 'three');
select is(pg_temp.unread('alice'), 0::bigint, 'what one writes oneself is not unread');
select is(pg_temp.unread('bob'), 3::bigint, 'what others write is');
select pg_temp.delete_message('alice', 'two');
select is(pg_temp.unread('bob'), 2::bigint, 'what was deleted cannot be read any more');

-- Sending.
select pg_temp.say('bob', 'four');
select is(pg_temp.mark('bob'), 0::bigint, 'an answer moves no mark over what was not read');
select is(pg_temp.unread('bob'), 2::bigint, 'an own answer is not unread for its sender');
select is(pg_temp.unread('alice'), 1::bigint, 'an answer is unread for the others');
select pg_temp.delete_message('bob', 'four');
select is(pg_temp.unread('bob'), 2::bigint, 'deleting their own message changes nothing for its sender');
select is(pg_temp.unread('alice'), 0::bigint, 'a deleted message is not unread for the others');
select pg_temp.say('alice', 'five');
select is(pg_temp.mark('alice'), 5::bigint, 'a sender who has read all but a tombstone has read what they send');
select pg_temp.say('bob', 'six', 'seven');
select is(pg_temp.unread('bob'), 3::bigint, 'three of alice''s are left');
select from chat.mark_read(tests.room('Team'), 3);
select is(pg_temp.unread('bob'), 1::bigint, 'a mark between them leaves one');
select from chat.mark_read(tests.room('Team'), 6);
select is(pg_temp.unread('bob'), 0::bigint, 'a mark before the last message, their own, leaves nothing unread');
select pg_temp.say('bob', 'eight');
select is(pg_temp.mark('bob'), 8::bigint, 'with nothing unread, the next own message moves the mark to the end');

-- The event of a message has the read mark of its sender.
select tests.hush();
select pg_temp.say('carol', 'nine');
select is(payload -> 'read_marks', jsonb_build_array(jsonb_build_object(
  'user_id', tests.user('carol'), 'last_read_seq', 0, 'last_delivered_seq', 0
)), 'a message says how far its sender has read')
from tests.heard() where event = 'message.created';

-- Many, over the thousands in which tombstones are counted; among them imported ones.
select tests.act_as_operator();
insert into chat.messages (room_id, seq, version, sender_id, content, created_at, deleted_at)
select tests.room('Team'), n, 100 + n, tests.user(case n % 3 when 0 then 'alice' when 1 then 'bob' else 'carol' end),
  case when n % 7 = 0 then '' else 'imported' end, '2001-01-01', case when n % 7 = 0 then now() end
from generate_series(10, 3210) as n;
update chat.rooms set last_seq = 3210, version = 3400 where id = tests.room('Team');
update chat.room_members set last_read_seq = 3210 where room_id = tests.room('Team') and user_id = tests.user('bob');
select is(pg_temp.unread('bob'), 0::bigint, 'everything read is nothing unread');
select pg_temp.say('alice', 'later'), pg_temp.say('carol', 'last');
select is(pg_temp.unread('bob'), 2::bigint, 'a mark after all tombstones');
select tests.act_as_operator();
insert into chat.room_members (room_id, user_id) values (tests.room('Team'), tests.user('dave'));
set local session_replication_role = replica;
update chat.room_members set last_read_seq = 0 where user_id = tests.user('dave');
set local session_replication_role = origin;
select is(pg_temp.unread('dave'), pg_temp.counted('dave'), 'from the beginning, all is counted');
select is(pg_temp.counted('dave') > 2000, true, 'which is much');
select tests.act_as('dave');
select is_empty(
  format(
    $$ select from chat.mark_read(tests.room('Team'), %s) where pg_temp.unread('dave') <> pg_temp.counted('dave') $$, seq),
  format('after a mark at %s as well', seq))
from unnest(array[7, 999, 1000, 2345, 3209]) as seq;

-- Times follow the numbers.
select is_empty(
  $$ select from (select created_at, lag(created_at) over (order by seq) as before from chat.messages
     where room_id = tests.room('Team') and (seq < 10 or seq > 3210)) as times where created_at < before $$,
  'no message is earlier than the one before');

select * from finish();
rollback;
