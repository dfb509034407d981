begin;
select plan(13);

-- What a wrong trigger or an import could break is refused by the tables themselves.
select tests.sign_up('alice', 'bob');
select tests.act_as('alice');
select from chat.create_group_room('Team');
select from chat.send_message(tests.room('Team'), 'one');
select tests.act_as_operator();

select throws_ok(
  format('update chat.rooms set %I = -1 where id = tests.room(''Team'')', name), '23514', null,
  format('%s of a room is not negative', name))
from unnest(array['last_seq', 'version', 'member_count']) as name;
-- Within a trigger the one that keeps marks in order leaves them alone.
create temporary table marks (name text);
create function pg_temp.set_mark()
returns trigger
language plpgsql
as $$
begin
  execute format('update chat.room_members set %I = -1 where room_id = tests.room(''Team'')', new.name);
  return new;
end;
$$;
create trigger set_mark before insert on marks for each row execute function pg_temp.set_mark();
select throws_ok(
  format('insert into marks values (%L)', name), '23514', null, format('%s of a member is not negative', name))
from unnest(array['last_read_seq', 'last_delivered_seq', 'own_after_read']) as name;
select throws_ok(
  $$ insert into chat_private.hidden_marks (room_id, user_id, last_read_seq, own_after_read)
     values (tests.room('Team'), tests.user('alice'), 0, -1) $$,
  '23514', null, 'own_after_read of a hidden mark is not negative');
select throws_ok(
  format('insert into chat.messages (room_id, seq, version, content) values (tests.room(''Team''), %s, %s, ''x'')', seq, version),
  state, null, title)
from (values
  (-1, 9, '23514', 'a message is numbered from 1'), (9, 0, '23514', 'a version is numbered from 1'),
  (1, 9, '23505', 'no two messages of a room have one number'), (9, 2, '23505', 'no two messages of a room have one version')
) as refused (seq, version, state, title);

delete from chat.profiles where id = tests.user('bob');
select throws_ok(
  $$ insert into chat.profiles (id, number, username) overriding system value
     select tests.user('bob'), number, 'bob' from chat.profiles where id = tests.user('alice') $$,
  '23505', null, 'no two people have one number');
select is_empty(
  $$ select oid::regclass from pg_class
     where relnamespace in ('chat'::regnamespace, 'chat_private'::regnamespace) and relkind = 'r'
       and not exists (select from pg_index where indrelid = pg_class.oid and indisprimary) $$,
  'every table has a primary key');

select * from finish();
rollback;
