begin;
select plan(24);

-- gina owns a group, in which hugo is an admin and ivan a member; jane owns a public one
select tests.sign_up('gina', 'hugo', 'ivan', 'jane');
select tests.act_as('gina');
select from chat.create_group_room('Choir', array[tests.user('hugo'), tests.user('ivan')]);
select from chat.set_member_role(tests.room('Choir'), tests.user('hugo'), 'admin');
select from chat.create_direct_room(tests.user('hugo'));
select tests.act_as('jane');
select from chat.create_group_room('Band', is_public => true);

-- The ids are needed also by people who cannot see the rooms.
select tests.act_as_operator();
create temporary table ids as
select tests.room('Choir') as choir, tests.room('Band') as band, tests.direct_room('gina', 'hugo') as direct;
grant select on ids to anon, authenticated;
create function pg_temp.upload(room bigint)
returns text
language sql volatile
as $$
  select format('insert into storage.objects (bucket_id, name) values (''avatars'', %L)', room || '/' || gen_random_uuid());
$$;
-- As Storage says at each deletion.
select set_config('storage.allow_delete_query', 'true', true);

-- The policies open no other bucket: nobody lists, replaces or deletes this.
insert into storage.buckets (id, name) values ('others', 'others');
insert into storage.objects (bucket_id, name) select 'others', choir || '/theirs.png' from ids;

select tests.act_as('gina');
select lives_ok(pg_temp.upload(choir), 'the owner uploads a picture of a group') from ids;
select throws_ok(pg_temp.upload(band), '42501', null, 'the owner of a group uploads none of another') from ids;
select throws_ok(pg_temp.upload(direct), '42501', null, 'nobody uploads a picture of a direct room') from ids;
select throws_ok(
  format('insert into storage.objects (bucket_id, name) values (''others'', %L)', choir || '/a.png'), '42501', null,
  'the policies open no other bucket')
from ids;
select lives_ok(
  $$ update chat.rooms set avatar_url = '/choir.png' where name = 'Choir' $$, 'the owner says which picture is shown');

select tests.act_as('hugo');
select lives_ok(pg_temp.upload(choir), 'an admin uploads a picture') from ids;
select is(count(*), 2::bigint, 'an admin lists the pictures of the group') from storage.objects;
select is(tests.changed($$ update storage.objects set version = '2' $$), 2::bigint, 'an admin replaces them');
select throws_ok(
  format('update storage.objects set name = %L', band || '/a.png'), '42501', null, 'no admin moves one to another group')
from ids;

select throws_ok(
  $$ update storage.objects set bucket_id = 'others' $$, '42501', null, 'no admin moves one to another bucket');

-- Without a condition and without returning, only the policy of the write itself protects them.
create function pg_temp.refused(who text)
returns setof text
language plpgsql
as $$
begin
  return next throws_ok((select pg_temp.upload(choir) from ids), '42501', null, who || ' uploads none');
  return next is_empty('select from storage.objects', who || ' lists none');
  if who <> 'anon' then
    return next is(tests.changed($q$ update storage.objects set version = '3' $q$), 0::bigint, who || ' replaces none');
    return next is(tests.changed('delete from storage.objects'), 0::bigint, who || ' deletes none');
  end if;
end;
$$;
select tests.act_as('ivan');
select pg_temp.refused('a member');
select tests.act_as('jane');
select pg_temp.refused('the owner of another group');
select tests.act_as(null);
select pg_temp.refused('anon');

select tests.act_as('gina');
select from ids, chat.set_member_role(choir, tests.user('hugo'), 'member');
select tests.act_as('hugo');
select is(tests.changed('delete from storage.objects'), 0::bigint, 'a former admin deletes none');
select throws_ok(pg_temp.upload(choir), '42501', null, 'a former admin uploads none') from ids;
select tests.act_as('gina');
select is(tests.changed('delete from storage.objects'), 2::bigint, 'the owner deletes those of all');
select is_empty('select from storage.objects where bucket_id = ''avatars''', 'no picture is left');

select * from finish();
rollback;
