-- Searching messages. Whatever is looked for, the work is bounded: an index knows the letters, pairs of letters and words
-- of each message, apart for each 8,192 messages of a room, so that the newest are found without a look at the older.
create function chat_private.message_entries(room_id bigint, seq bigint, content text)
returns integer[]
language plpgsql immutable parallel safe cost 1000 security invoker set search_path = ''
as $$
declare
  folded text := chat_private.fold(content);
  seed bigint := room_id * 1048576 + seq / 8192;
begin
  return chat_private.entries(chat_private.grams(folded), seed)
    -- The Russian configuration stems words in Latin letters as English. Words have seeds of their own.
    || chat_private.entries(tsvector_to_array(to_tsvector('pg_catalog.russian', folded)), ~seed);
end;
$$;
comment on function chat_private.message_entries is 'What the index of searches holds of a message.';
grant execute on function chat_private.message_entries to authenticated, service_role;

create index messages_search_idx on chat.messages using gin (chat_private.message_entries(room_id, seq, content))
  with (gin_pending_list_limit = 64)
  where deleted_at is null;
-- What its entries are is of no use to the planner, and dear to sample.
alter index chat.messages_search_idx alter column 1 set statistics 0;

-- What is looked for: a text as a part, and its words in any form.
create type chat_private.search as (part text, grams text[], words tsquery, alternatives jsonb);

create function chat_private.search_for(query text)
returns chat_private.search
language plpgsql immutable security invoker set search_path = ''
-- Nobody is to hear of it that a query has stop words alone.
set client_min_messages = warning
as $$
declare
  part text := chat_private.fold(query);
  words tsquery;
  -- The words that must stand in a message, without those that must not, as 'a' & 'b' | 'c'.
  needed text;
begin
  -- What people type is text: operators are such only beside something to look for.
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
  'What a query asks for. Words all have to be there, "words in quotes" side by side, either one of two with OR between '
  'them, one with - before it must not; operators alone are a text like any other.';

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
