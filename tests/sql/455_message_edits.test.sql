begin;
select plan(16);

-- alice and bob are in Team; carol is a stranger
select tests.sign_up('alice', 'bob', 'carol');
select tests.act_as('alice');
select from chat.create_group_room('Team', array[tests.user('bob')]);
select from chat.send_message(tests.room('Team'), 'one');
select from chat.send_message(tests.room('Team'), 'another');

create function pg_temp.edits(id bigint)
returns text[]
language sql
as $$
  select coalesce(array_agg(content order by version), '{}') from chat.message_edits where message_id = id;
$$;
create temporary table ids as select tests.message('one') as one, tests.message('another') as another;
grant select on ids to authenticated;

select is(pg_temp.edits(one), '{}', 'a message that was not edited has no earlier text') from ids;
select from ids, chat.edit_message(one, 'two');
select is(pg_temp.edits(one), array['one'], 'an edit keeps the earlier text') from ids;
select from ids, chat.edit_message(one, 'two');
select is(pg_temp.edits(one), array['one'], 'an edit to the same text keeps nothing') from ids;
select from ids, chat.edit_message(one, 'three');
select is(pg_temp.edits(one), array['one', 'two'], 'the next edit keeps the next text') from ids;
select is(
  array(select written_at from chat.message_edits where message_id = one order by version),
  array[created_at, edited_at], 'the first text has the time of the message, a later one that of its edit')
from ids, chat.messages where id = one;
select is(pg_temp.edits(another), '{}', 'another message keeps none of it') from ids;
select from ids, chat.react(one, '👍');
select is(pg_temp.edits(one), array['one', 'two'], 'a reaction is no edit') from ids;

-- Who sees it
select tests.act_as('bob');
select is(pg_temp.edits(one), array['one', 'two'], 'a member reads what a message said before') from ids;
select tests.act_as('carol');
select is(pg_temp.edits(one), '{}', 'a stranger reads nothing') from ids;
select tests.act_as('alice');
select throws_ok('delete from chat.message_edits', '42501', null, 'nobody deletes an earlier text');
select throws_ok($$update chat.message_edits set content = 'x'$$, '42501', null, 'nobody changes an earlier text');
select throws_ok(
  format($$insert into chat.message_edits values (%s, 1, %s, 'x', now())$$, another, tests.room('Team')), '42501', null,
  'nobody adds an earlier text')
from ids;

-- The end
select tests.act_as_operator();
update chat.messages set content = 'raw' from ids where id = one;
select is(pg_temp.edits(one), array['one', 'two', 'three'], 'an edit by an operator keeps the earlier text as well') from ids;
do $$
begin
  for number in 1..110 loop
    update chat.messages set content = 'edit ' || number where id = (select one from ids);
  end loop;
end;
$$;
select is(
  array[count(*)::text, min(content) filter (where version = oldest), max(content) filter (where version = newest)],
  array['100', 'edit 10', 'edit 109'], 'the last hundred texts are kept')
from (
  select *, min(version) over () as oldest, max(version) over () as newest from chat.message_edits, ids where message_id = one) as edits;
select tests.act_as('alice');
select from ids, chat.delete_message(one);
select tests.act_as_operator();
select is(pg_temp.edits(one), '{}', 'a deletion erases all earlier texts') from ids;
delete from chat.rooms where name = 'Team';
select is((select count(*) from chat.message_edits, ids where message_id in (one, another)), 0::bigint, 'they go with the room');

select * from finish();
rollback;
