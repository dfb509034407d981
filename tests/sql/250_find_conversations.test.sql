begin;
select plan(11);

-- alice has more conversations than a page shows; the oldest is about the Alps
select tests.sign_up('alice', 'bob');
insert into chat.conversations (owner_id, title, created_at, archived)
select tests.user('alice'), title, now() - age, archived
from (
  values ('Hiking in the ALPS', interval '9 days', false), ('Café au lait', interval '8 days', false),
    ('The alps in winter', interval '7 days', true), ('100% tea', interval '6 days', false)
) as titles (title, age, archived)
union all
select tests.user('alice'), 'Number ' || number, now() - number * interval '1 minute', false
from generate_series(1, 120) as number;
insert into chat.conversations (owner_id, title) values (tests.user('bob'), 'The Alps of Bob');

select tests.act_as('alice');
select results_eq(
  $$ select title from chat.find_conversations('alps') $$, array['The alps in winter', 'Hiking in the ALPS'],
  'a conversation is found by a part of its title, however old it is, the newest first');
select results_eq(
  $$ select title from chat.find_conversations(' Alps ', archived => false) $$, array['Hiking in the ALPS'],
  'a search leaves out archived conversations if asked to');
select results_eq(
  $$ select title from chat.find_conversations('alps', archived => true) $$, array['The alps in winter'],
  'a search finds only archived conversations if asked to');
select results_eq(
  format($$ select title from chat.find_conversations('cafe%s') $$, U&'\0301'), array['Café au lait'],
  'a title is found in any normal form of the text');
select results_eq(
  $$ select title from chat.find_conversations('CAFE') $$, array['Café au lait'], 'a title is found without its accents');
select results_eq(
  $$ select title from chat.find_conversations('%') $$, array['100% tea'], 'what people type is text');
create function pg_temp.third_of_the_first_three()
returns uuid
language sql
as $$
  select id from chat.find_conversations('number', max_rows => 3) order by created_at limit 1;
$$;
select results_eq(
  $$ select title from chat.find_conversations('number', before_id => pg_temp.third_of_the_first_three(), max_rows => 2) $$,
  array['Number 4', 'Number 5'], 'the next page begins after the last of the one before');
select is((select count(*) from chat.find_conversations('number', max_rows => 0)), 1::bigint, 'a page has one at least');
select throws_ok($$ select chat.find_conversations(' ') $$, 'PT400', 'invalid_query', 'a blank text is refused');
select throws_ok(
  $$ select chat.find_conversations(repeat('x', 201)) $$, 'PT400', 'invalid_query', 'so is a long one');

select tests.act_as('bob');
select results_eq(
  $$ select title from chat.find_conversations('alps') $$, array['The Alps of Bob'], 'a stranger finds only their own');

select * from finish();
rollback;
