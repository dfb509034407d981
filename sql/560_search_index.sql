-- The index of message searches. It has the letters, pairs of letters and words of each message, separately for each 8,192
-- messages of a room, so that the newest are found without the older, and the work of every search is bounded.
-- A job adds messages to the index, many of one room at once: that costs a tenth of adding each one as it is sent, and a
-- send waits for none of it. A search reads the messages that are not in the index yet.
create function chat_private.message_entries(room_id bigint, seq bigint, content text)
returns bigint[]
language plpgsql immutable parallel safe security invoker set search_path = ''
as $$
declare
  folded text := chat_private.fold(content);
  -- Even places are for letters and pairs, odd ones for words. candidates() computes the same.
  place bigint := room_id * 2048 + seq / 8192 % 1024 * 2;
begin
  return array(
    select unnest(chat_private.entries(chat_private.grams(folded), place))
    union
    -- The Russian configuration stems words in Latin letters as English.
    select unnest(chat_private.entries(tsvector_to_array(to_tsvector('pg_catalog.russian', folded)), place + 1))
  );
end;
$$;
comment on function chat_private.message_entries is 'The entries of a message in the search index.';

create table chat_private.search_entries (
  message_id bigint primary key references chat.messages on delete cascade,
  room_id bigint not null,
  entries bigint[] not null
);
comment on table chat_private.search_entries is 'The search index: what each message contains, as hashes.';
alter table chat_private.search_entries enable row level security;
revoke all on chat_private.search_entries from anon, authenticated;

-- Only the job adds entries, and it empties the pending list itself.
create index search_entries_idx on chat_private.search_entries using gin (entries) with (gin_pending_list_limit = 65536);
-- Statistics of the entries are of no use to the planner, and expensive to sample.
alter table chat_private.search_entries alter column entries set statistics 0;

create table chat_private.search_progress (
  room_id bigint primary key references chat.rooms on delete cascade,
  indexed_seq bigint not null
);
comment on table chat_private.search_progress is 'The messages of a room up to indexed_seq are in the search index.';
alter table chat_private.search_progress enable row level security;
revoke all on chat_private.search_progress from anon, authenticated;

-- No foreign keys: the job skips messages that are gone.
create table chat_private.messages_to_index (
  room_id bigint,
  message_id bigint,
  primary key (room_id, message_id)
);
comment on table chat_private.messages_to_index is 'Changed messages, which a search reads until the job has indexed them again.';
alter table chat_private.messages_to_index enable row level security;
revoke all on chat_private.messages_to_index from anon, authenticated;

create table chat_private.search_cursor (
  only_row boolean primary key default true check (only_row),
  next_room_id bigint not null
);
comment on table chat_private.search_cursor is 'The room at which the next run of job_index_messages() continues.';
insert into chat_private.search_cursor (next_room_id) values (0);
alter table chat_private.search_cursor enable row level security;
revoke all on chat_private.search_cursor from anon, authenticated;

-- Definer: clients may not write the index. The old text leaves it at once. The job cannot index the message before this
-- transaction ends, because it skips locked rows.
create function chat_private.message_reworded()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  delete from chat_private.search_entries where message_id = new.id;
  insert into chat_private.messages_to_index (room_id, message_id) values (new.room_id, new.id)
  on conflict on constraint messages_to_index_pkey do update set message_id = excluded.message_id;
  return null;
end;
$$;

create trigger message_reworded
  after update on chat.messages
  for each row when ((new.content, new.deleted_at) is distinct from (old.content, old.deleted_at))
  execute function chat_private.message_reworded();

create function chat_private.index_changed_messages(max_rows integer)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  changed bigint[];
begin
  with chosen as (
    select queue.room_id, queue.message_id from chat_private.messages_to_index as queue
    order by queue.room_id, queue.message_id
    limit max_rows
    for update skip locked
  ), taken as (
    delete from chat_private.messages_to_index as queue using chosen
    where queue.room_id = chosen.room_id and queue.message_id = chosen.message_id
    returning queue.message_id
  )
  select coalesce(array_agg(taken.message_id), '{}') into changed from taken;
  delete from chat_private.search_entries where message_id = any (changed);
  -- A statement of its own, which sees the text as it is since the rows above are locked.
  insert into chat_private.search_entries (message_id, room_id, entries)
  select messages.id, messages.room_id, chat_private.message_entries(messages.room_id, messages.seq, messages.content)
  from chat.messages as messages
  where messages.id = any (changed) and messages.deleted_at is null
  on conflict do nothing;
end;
$$;

create function chat_private.index_rooms(first_room_id bigint, max_messages bigint, min_messages integer)
returns bigint
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most_rooms constant integer := 5000;
  next_room_id bigint;
begin
  with visited as (
    select rooms.id, rooms.last_seq, coalesce(progress.indexed_seq, 0) as indexed_seq,
      rooms.last_message_at < now() - interval '2 minutes' as is_quiet
    from chat.rooms as rooms
    left join chat_private.search_progress as progress on progress.room_id = rooms.id
    where rooms.id >= first_room_id and rooms.deleted_at is null
    order by rooms.id
    limit most_rooms
  ), due as (
    select visited.id, visited.last_seq, visited.indexed_seq, least(last_seq, indexed_seq + max_messages) as until,
      sum(least(last_seq - indexed_seq, max_messages)) over (order by id) as total
    from visited
    where last_seq - indexed_seq >= min_messages or last_seq > indexed_seq and is_quiet
  ), taken as (
    select due.* from due where total - (until - indexed_seq) < max_messages
  ), added as (
    insert into chat_private.search_entries (message_id, room_id, entries)
    select messages.id, messages.room_id, chat_private.message_entries(messages.room_id, messages.seq, messages.content)
    from taken
    join chat.messages as messages
      on messages.room_id = taken.id and messages.seq > taken.indexed_seq and messages.seq <= taken.until
    where messages.deleted_at is null
    on conflict do nothing
  ), moved as (
    insert into chat_private.search_progress (room_id, indexed_seq)
    select taken.id, taken.until from taken
    on conflict on constraint search_progress_pkey do update set indexed_seq = excluded.indexed_seq
  )
  select coalesce(
    (
      select min(due.id) from due left join taken on taken.id = due.id
      where taken.id is null or taken.until < taken.last_seq
    ),
    (select max(visited.id) + 1 from visited having count(*) = most_rooms)
  )
  into next_room_id;
  return next_room_id;
end;
$$;
comment on function chat_private.index_rooms is
  'Adds at most max_messages to the search index, of rooms from first_room_id on that have min_messages to add, or have been '
  'quiet for two minutes. Returns the room at which to continue; null at the end.';

create function chat_private.job_index_messages()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  -- About a quarter of a second.
  most constant integer := 2000;
  -- The messages of a room share entries: a few of them alone would cost more.
  fewest constant integer := 32;
  following bigint;
begin
  perform chat_private.index_changed_messages(most / 4);
  following := chat_private.index_rooms((select cursor.next_room_id from chat_private.search_cursor as cursor), most, fewest);
  update chat_private.search_cursor set next_room_id = coalesce(following, 0) where only_row;
  perform gin_clean_pending_list('chat_private.search_entries_idx');
  return following is not null or exists (
    select from (select from chat_private.messages_to_index limit 1 for update skip locked) as waiting
  );
end;
$$;
comment on function chat_private.job_index_messages is 'Adds new and changed messages to the search index.';

insert into chat_private.jobs (name, every) values ('index_messages', interval '10 seconds');

-- A query: a text to find as a substring, and its words in any form.
create type chat_private.search as (part text, grams text[], words tsquery, alternatives jsonb);

create function chat_private.search_for(query text)
returns chat_private.search
language plpgsql immutable security invoker set search_path = ''
-- Suppresses the notice about a query that has only stop words.
set client_min_messages = warning
as $$
declare
  part text := chat_private.fold(query);
  words tsquery;
  -- The words that a message must contain, without the excluded ones, as 'a' & 'b' | 'c'.
  needed text;
begin
  -- Users type text: an operator counts as one only next to a word to search for.
  if exists (
    select from unnest(string_to_array(replace(part, '"', ' '), ' ')) as word
    where word !~ '^[-!]' and word !~ '^(or|and|not)$' and word ~ '[[:alnum:]]'
  ) then
    words := websearch_to_tsquery('pg_catalog.russian', part);
    needed := querytree(words);
  end if;
  if needed is null or needed in ('', 'T') then
    return row(part, chat_private.wanted_grams(part), null, '[]')::chat_private.search;
  end if;
  return row(part, chat_private.wanted_grams(part), words, (
    select jsonb_agg(
      (
        select jsonb_agg(distinct replace(lexeme[1], '''''', ''''))
        from regexp_matches(alternative, '''((?:[^'']|'''')+)''', 'g') as lexeme
      )
    )
    from (select alternative from regexp_split_to_table(needed, ' \| ') as alternative limit 20) as listed
  ))::chat_private.search;
end;
$$;
comment on function chat_private.search_for is
  'Parses a query. A message must contain all words, "words in quotes" side by side, one of two words with OR between them, '
  'and no word with - before it. Operators alone are plain text.';

create function chat_private.is_found(content text, wanted chat_private.search)
returns boolean
language plpgsql immutable security invoker set search_path = ''
as $$
declare
  folded text := chat_private.fold(content);
begin
  return position(wanted.part in folded) > 0
    or wanted.words is not null and to_tsvector('pg_catalog.russian', folded) @@ wanted.words;
end;
$$;
