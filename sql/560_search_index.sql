-- The index of message searches. The work of every search is bounded: the index has the letters, pairs of letters and
-- words of each message, separately for each 8,192 messages of a room, so that the newest are found without the older.
create function chat_private.message_entries(room_id bigint, seq bigint, content text)
returns bigint[]
language plpgsql immutable parallel safe cost 1000 security invoker set search_path = ''
as $$
declare
  folded text := chat_private.fold(content);
  -- Even places are for letters and pairs, odd ones for words. candidates() computes the same.
  place bigint := room_id * 2048 + seq / 8192 % 1024 * 2;
begin
  return chat_private.entries(chat_private.grams(folded), place)
    -- The Russian configuration stems words in Latin letters as English.
    || chat_private.entries(tsvector_to_array(to_tsvector('pg_catalog.russian', folded)), place + 1);
end;
$$;
comment on function chat_private.message_entries is 'The entries of a message in the search index.';
grant execute on function chat_private.message_entries to authenticated, service_role;

create index messages_search_idx on chat.messages using gin (chat_private.message_entries(room_id, seq, content))
  -- New entries wait in a list, which a search reads in full: about 350 messages add 3 ms. A shorter list would make
  -- sends slower, since each has to merge it more often.
  with (gin_pending_list_limit = 1024)
  where deleted_at is null;
-- Statistics of the entries are of no use to the planner, and expensive to sample.
alter index chat.messages_search_idx alter column 1 set statistics 0;

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
