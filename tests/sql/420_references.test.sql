begin;
select plan(6);

-- carl forwards a message of ann; then she takes another username, and a new user takes hers
select tests.sign_up('ann', 'bob', 'carl', 'newcomer');
select tests.act_as('ann');
select from chat.create_group_room('Team', array[tests.user('bob'), tests.user('carl')]);
select from chat.send_message(tests.room('Team'), 'Pass it on');
select tests.act_as('carl');
select from chat.create_direct_room(tests.user('bob'));
select from chat.forward_message(tests.message('Pass it on'), tests.direct_room('bob', 'carl'));
create temporary view names as
select chat.forwarded_name(messages) as column,
  chat_private.message_payload(messages) -> 'message' ->> 'forwarded_username' as event
from chat.messages as messages where id = tests.message('Pass it on');
grant select on names to public;
create function pg_temp.rename(name text, username text)
returns void
language plpgsql volatile
as $$
begin
  perform tests.act_as(name);
  update chat.profiles set username = rename.username where id = tests.user(name);
  perform tests.act_as('bob');
end;
$$;

select tests.act_as('bob');
select results_eq('table names', $$ values ('ann', 'ann') $$, 'a forwarded message names who wrote it');
select pg_temp.rename('ann', 'zoe');
select pg_temp.rename('newcomer', 'ann');
select results_eq('table names', $$ values ('zoe', 'zoe') $$, 'the sender is shown by their current username');
select tests.act_as_operator();
delete from auth.users where id = tests.user('ann');
select tests.act_as('bob');
select results_eq('table names', $$ values ('', '') $$, 'a deleted account is not shown by a username that another user has');
select pg_temp.rename('newcomer', 'newcomer');
select results_eq('table names', $$ values ('ann', 'ann') $$, 'a deleted account is shown by its username while no other user has it');
select from chat.send_message(tests.direct_room('bob', 'carl'), 'Mine');
select is(
  chat_private.message_payload(messages) -> 'message' ->> 'forwarded_username', null,
  'a message that is not forwarded has no forwarded username')
from chat.messages as messages where messages.id = tests.message('Mine');
select tests.act_as('carl');
select chat.delete_message(tests.message('Pass it on'));
select is_empty(
  $$ select from chat.messages where room_id = tests.direct_room('bob', 'carl') and deleted_at is not null
     and (forwarded_sender_id, forwarded_username) is distinct from (null, null) $$,
  'a deleted message keeps no name');

select * from finish();
rollback;
