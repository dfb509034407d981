begin;
select plan(64);

-- mona, nils, olga and petra are in a group that mona owns; quentin is a stranger
select tests.sign_up('mona', 'nils', 'olga', 'petra', 'quentin');
create function pg_temp.mentioned(content text)
returns text[]
language sql stable security definer set search_path = public, extensions, tap
as $$
  select coalesce(array_agg(profiles.username order by profiles.username), '{}')
  from chat.mentions join chat.profiles on profiles.id = mentions.user_id
  where mentions.message_id = tests.message(content);
$$;
create function pg_temp.counts()
returns table (in_list bigint, in_sync bigint, in_page bigint)
language sql volatile
as $$
  select
    (select mention_count from chat.room_list() where name = 'Tellers'),
    (chat.sync(tests.room('Tellers')) ->> 'mention_count')::bigint,
    (select mention_count from chat_private.my_room_page(tests.room('Tellers'), null, 1));
$$;
create function pg_temp.listed(before_id bigint default null, max_rows integer default 50)
returns text[]
language sql stable
as $$
  select coalesce(array_agg(message ->> 'content' order by place), '{}')
  from jsonb_array_elements(chat.mention_list(before_id, max_rows) -> 'messages') with ordinality as found (message, place);
$$;
create function pg_temp.send(text, variadic names text[])
returns chat.messages
language sql volatile
as $$
  select chat.send_message(
    tests.room('Tellers'), $1, mentions => array(select tests.user(name) from unnest(names) with ordinality as n (name, i) order by i)
  );
$$;
create function pg_temp.send_again(mentions uuid[], mention_all boolean default false)
returns chat.messages
language sql volatile
as $$
  select chat.send_message(
    tests.room('Tellers'), 'again', client_id => '00000000-0000-4000-8000-000000004670', mentions => mentions, mention_all => mention_all
  );
$$;
select tests.act_as('mona');
select from chat.create_group_room('Tellers', array[tests.user('nils'), tests.user('olga'), tests.user('petra')]);

-- Who may be mentioned.
select tests.hush();
select lives_ok($$ select pg_temp.send('@nils first', 'nils') $$, 'a member can be mentioned');
select results_eq('select mentions, mentions_all from pg_temp.send(''@olga @nils two'', ''olga'', ''nils'', ''olga'')',
  format(
    $$ values ('[{"user_id": "%s", "number": %s, "name": "olga"}, {"user_id": "%s", "number": %s, "name": "nils"}]'::jsonb, false) $$,
    tests.user('olga'), (select number from chat.profiles where username = 'olga'),
    tests.user('nils'), (select number from chat.profiles where username = 'nils')
  ), 'a message says whom it mentions, each once, in the given order');
select is(pg_temp.mentioned('@olga @nils two'), array['nils', 'olga'], 'each mentioned member has a row');
select bag_eq('select distinct event from tests.heard()', array['message.created'], 'a new message has one event');
select throws_ok($$ select pg_temp.send('no', 'quentin') $$, 'PT404', 'member_not_found', 'a stranger cannot be mentioned');
select throws_ok(
  $$ select chat.send_message(tests.room('Tellers'), 'no', mentions => array[gen_random_uuid()]) $$,
  'PT404', 'member_not_found', 'nobody cannot be mentioned');
select throws_ok(
  $$ select chat.send_message(tests.room('Tellers'), 'no', mentions => array[null]::uuid[]) $$,
  'PT400', 'invalid_mentions', 'a mention has an id');
select throws_ok(
  $$ select chat.send_message(tests.room('Tellers'), 'no', mentions => array(select tests.user('nils') from generate_series(1, 51))) $$,
  'PT400', 'invalid_mentions', 'a message has at most 50 mentions');
select lives_ok(
  $$ select chat.send_message(tests.room('Tellers'), '50', mentions => array(select tests.user('petra') from generate_series(1, 50))) $$,
  'a message has up to 50 mentions');
select is((pg_temp.send('none', variadic '{}')).mentions, '[]', 'an empty list mentions nobody');
select is((select mentions_all from chat.send_message(tests.room('Tellers'), 'null', mention_all => null)), false, 'null mentions nobody');
select is((pg_temp.send('@mona herself', 'mona')).mentions #>> '{0,name}', 'mona', 'who mentions herself is named');
select is(pg_temp.mentioned('@mona herself'), '{}', 'nobody has a mention of themselves');

-- Retries.
select is(
  (pg_temp.send_again(array[tests.user('petra')])).id, (pg_temp.send_again(array[tests.user('petra')])).id,
  'a retry with the same mentions returns the first message');
select throws_ok(
  'select pg_temp.send_again(null)',
  'PT409', 'client_id_reused', 'a retry without the mentions is another message');
select throws_ok(
  $$ select pg_temp.send_again(array[tests.user('petra')], true) $$,
  'PT409', 'client_id_reused', 'a retry that mentions all is another message');

-- Counts and the list.
select tests.act_as('nils');
select results_eq('select * from pg_temp.counts()', 'values (2::bigint, 2::bigint, 2::bigint)', 'unread mentions are counted everywhere');
select is(pg_temp.listed(), array['@olga @nils two', '@nils first'], 'a person lists their mentions, newest first');
select is(pg_temp.listed(max_rows => 1), array['@olga @nils two'], 'a page has a size');
select is(
  pg_temp.listed((chat.mention_list(max_rows => 1) ->> 'before_id')::bigint, 1), array['@nils first'], 'the next page follows it');
select is(
  chat.mention_list(tests.message('@nils first')), '{"messages": [], "before_id": null}', 'the list ends');
select results_eq('select distinct user_id from chat.mentions', array[tests.user('nils')], 'a person reads their own mentions only');
select from chat.mark_read(tests.room('Tellers'), (select seq from chat.messages where id = tests.message('@nils first')));
select results_eq('select * from pg_temp.counts()', 'values (1::bigint, 1::bigint, 1::bigint)', 'read mentions do not count');
update chat.room_members set muted_until = 'infinity' where user_id = tests.user('nils');
select results_eq('select * from pg_temp.counts()', 'values (1::bigint, 1::bigint, 1::bigint)', 'mentions in a muted room count');
update chat.profiles set share_receipts = false where id = tests.user('nils');
select from chat.mark_read(tests.room('Tellers'));
select results_eq(
  'select * from pg_temp.counts()', 'values (0::bigint, 0::bigint, 0::bigint)', 'who does not share receipts has read them too');
select is(
  (select chat_private.my_unread_mentions(members) from chat.room_members as members where user_id = tests.user('olga')), null,
  'nobody counts the mentions of others');
select tests.act_as('quentin');
select is(pg_temp.listed(), '{}', 'a stranger has no mentions');
select is_empty('select from chat.mentions', 'a stranger reads none');
select tests.act_as(null);
select throws_ok('select chat.mention_list()', '42501', null, 'who has not signed in lists none');

-- Everyone.
select tests.act_as('olga');
select lives_ok(
  $$ select chat.send_message(tests.room('Tellers'), '@all come', mentions => array[tests.user('nils')], mention_all => true) $$,
  'a member mentions everyone in a small room');
select is(pg_temp.mentioned('@all come'), '{}', 'a mention of everyone has no rows');
select is((select mention_count from chat.room_list() where name = 'Tellers'), 1::bigint, 'it does not count for its sender');
select is(pg_temp.listed(), array['@olga @nils two'], 'its sender does not list it');
select tests.act_as('nils');
select is((select mention_count from chat.room_list() where name = 'Tellers'), 1::bigint, 'it counts once for each other member');
select is(pg_temp.listed(max_rows => 1), array['@all come'], 'each other member lists it');
select tests.act_as_operator();
update chat.room_members set joined_at = now() + interval '1 hour' where user_id = tests.user('nils');
select tests.act_as('nils');
select is(pg_temp.listed(max_rows => 1), array['@olga @nils two'], 'who was not there yet does not list it');
select is(
  (select count(*) from chat.search_messages(mentions_me => true) where content = '@all come'), 0::bigint,
  'who was not there yet does not find it');
select tests.act_as_operator();
update chat.room_members set joined_at = now() where user_id = tests.user('nils');
update chat.rooms set member_count = 51 where name = 'Tellers';
select tests.act_as('olga');
select throws_ok(
  $$ select chat.send_message(tests.room('Tellers'), 'no', mention_all => true) $$, 'PT403', 'role_required',
  'a member does not mention everyone in a large room');
select throws_ok(
  $$ select chat.edit_message((chat.send_message(tests.room('Tellers'), 'later')).id, 'later', mention_all => true) $$,
  'PT403', 'role_required', 'a member does not do so by an edit');
select lives_ok(
  $$ select chat.edit_message(tests.message('@all come'), '@all come!') $$, 'an edit leaves a mention of everyone from before');
select tests.act_as('mona');
select lives_ok(
  $$ select chat.send_message(tests.room('Tellers'), '@all hear', mention_all => true) $$, 'an admin mentions everyone in a large room');
select tests.act_as_operator();
select lives_ok(
  $$ select chat.send_message(tests.room('Tellers'), '@all notice', sender_id => tests.user('olga'), mention_all => true) $$,
  'a backend mentions everyone too');
update chat.rooms set member_count = 4 where name = 'Tellers';

-- The search.
select tests.act_as('nils');
select results_eq(
  'select content from chat.search_messages(mentions_me => true)',
  array['@all notice', '@all hear', '@all come!', '@olga @nils two', '@nils first'], 'a search finds mentions');
select results_eq(
  $$ select content from chat.search_messages('nils', mentions_me => true) $$,
  array['@olga @nils two', '@nils first'], 'a search finds mentions with a text');
select is(
  jsonb_array_length(chat.search_page(mentions_me => true, room_id => tests.room('Tellers'), max_rows => 2) -> 'messages'), 2,
  'a search for mentions has pages');
select throws_ok('select chat.search_page(mentions_me => false)', 'PT400', 'invalid_query', 'a search for everything wants a text');
select tests.act_as('olga');
select results_eq(
  'select content from chat.search_messages(mentions_me => true)', array['@all hear', '@olga @nils two'],
  'a search does not find what one has sent to everyone');

-- Edits.
select tests.act_as('mona');
select tests.hush();
select results_eq(
  $$ select jsonb_path_query_array(mentions, '$[*].name')
     from chat.edit_message(tests.message('@nils first'), '@petra first', array[tests.user('petra')]) $$,
  array['["petra"]'::jsonb], 'an edit replaces the mentions');
select is(pg_temp.mentioned('@petra first'), array['petra'], 'an edit removes and adds rows');
select results_eq(
  'select topic, event, payload - ''id'' from tests.heard() where topic like ''user:%''',
  format(
    $$ values ('user:%s', 'mention.added', jsonb_build_object('room_id', tests.room('Tellers'), 'message_id', %s, 'seq', 1)) $$,
    tests.user('petra'), tests.message('@petra first')
  ), 'an edit tells who is mentioned now');
select tests.hush();
select from chat.edit_message(tests.message('@petra first'), '@petra second');
select is(pg_temp.mentioned('@petra second'), array['petra'], 'an edit that does not know mentions leaves them');
select is_empty('select from tests.heard() where topic like ''user:%''', 'an edit tells nobody twice');
select tests.act_as('petra');
update chat.profiles set username = 'petrissa' where id = tests.user('petra');
select tests.act_as('mona');
select is(
  (chat.edit_message(tests.message('@petra second'), 'Hm, @petra third', array[tests.user('petra')])).mentions #>> '{0,name}', 'petra',
  'an edit leaves the name that is in the text');
select is(
  (chat.edit_message(tests.message('Hm, @petra third'), '@petrissa fourth')).mentions #>> '{0,name}', 'petrissa',
  'an edit takes the new name if the text has it');
select is(
  (chat.edit_message(tests.message('@petrissa fourth'), 'fifth', '{}', true)).mentions_all, true, 'an edit can mention everyone');
select is(pg_temp.mentioned('fifth'), '{}', 'an edit that mentions everyone leaves no rows');
select from chat.edit_message(tests.message('fifth'), 'sixth', array[tests.user('nils'), tests.user('olga')], false);
select is(pg_temp.mentioned('sixth'), array['nils', 'olga'], 'an edit can mention some instead of everyone');
select tests.hush();
select from chat.edit_message(tests.message('sixth'), 'sixth', array[tests.user('olga'), tests.user('petra')]);
select results_eq(
  'select topic from tests.heard() where topic like ''user:%''', array['user:' || tests.user('petra')],
  'an edit does not tell those whom the message mentioned before');
select tests.act_as('olga');
select throws_ok(
  $$ select chat.edit_message(tests.message('sixth'), 'no', '{}') $$, 'PT403', 'sender_required', 'nobody edits the mentions of others');

-- What goes.
select tests.act_as('mona');
select from chat.remove_member(tests.room('Tellers'), tests.user('nils'));
select is(pg_temp.mentioned('@olga @nils two'), array['olga'], 'the mentions of a removed member go');
select lives_ok(
  $$ select chat.edit_message(tests.message('@olga @nils two'), '@olga @nils three', array[tests.user('olga'), tests.user('nils')]) $$,
  'an edit can leave the mention of who has left');
select from chat.delete_message(tests.message('@olga @nils three'));
select is_empty(
  $$ select from chat.messages where deleted_at is not null and (mentions <> '[]' or mentions_all) $$, 'a tombstone mentions nobody');
select tests.act_as_operator();
select throws_ok(
  $$ update chat.messages set mentions = '{}' where seq = 3 and room_id = tests.room('Tellers') $$, '23514', null,
  'the mentions of a message are always a list');
select is_empty(
  $$ select from chat.mentions join chat.messages on messages.id = message_id where messages.deleted_at is not null $$,
  'the mentions of a deleted message go');

select * from finish();
rollback;
