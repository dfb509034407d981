-- Texts as people see them: texts that look the same to people are equal in searches, usernames and logins.

create function chat_private.plain(value text)
returns text
language plpgsql immutable parallel safe security invoker set search_path = ''
as $$
declare
  plain text := normalize(value, nfkc);
begin
  -- Fast path: Latin without accents, Russian and common punctuation need no change except ё.
  if plain ~ '[^\u0001-\u007e\u0401\u0410-\u044f\u0451\u00ab\u00bb\u2010-\u2027]' then
    plain := normalize(plain, nfkd);
    -- These are separate letters, not letters with an accent.
    plain := replace(plain, E'\u0438\u0306', E'\u0439');
    plain := replace(plain, E'\u0418\u0306', E'\u0419');
    plain := replace(plain, E'\u0443\u0306', E'\u045e');
    plain := replace(plain, E'\u0423\u0306', E'\u040e');
    plain := replace(plain, E'\u0456\u0308', E'\u0457');
    plain := replace(plain, E'\u0406\u0308', E'\u0407');
    plain := regexp_replace(
      plain,
      -- Accents, Hebrew points and Arabic vowel signs.
      '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f'
      '\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+',
      '', 'g'
    );
    plain := translate(chat_private.visible(normalize(plain, nfc)), 'øØłŁđĐħĦŧŦ', 'oOlLdDhHtT');
  end if;
  plain := translate(plain, E'ёЁ’‘ʼ“”„«»‐‑‒–—−', E'еЕ\'\'\'"""""------');
  -- Any run of white space becomes one space.
  if plain ~ '\s\s|[\u0009-\u000d]|^\s|\s$' then
    plain := btrim(regexp_replace(plain, '\s+', ' ', 'g'));
  end if;
  return plain;
end;
$$;
comment on function chat_private.plain is
  'A text without accents, vowel signs and invisible characters, in one normal form.';

create function chat_private.fold(value text)
returns text
language plpgsql immutable parallel safe security invoker set search_path = ''
as $$
declare
  plain text := chat_private.plain(value);
begin
  if plain !~ '[^\u0001-\u007e\u0410-\u044f]' then
    return lower(plain collate "und-x-icu");
  end if;
  -- Through upper case, so that ß becomes ss and ı becomes i. A final sigma equals any other sigma.
  return translate(lower(upper(lower(plain collate "und-x-icu") collate "und-x-icu") collate "und-x-icu"), 'ς', 'σ');
end;
$$;
comment on function chat_private.fold is
  'The form in which texts are compared: it ignores case, accents and normal forms.';

create function chat_private.look(name text)
returns text
language plpgsql immutable parallel safe security invoker set search_path = ''
as $$
declare
  skeleton text := (
    select string_agg(chat_private.prototype(letter), '' order by place)
    from unnest(string_to_array(chat_private.plain(name), null)) with ordinality as letters (letter, place)
  );
begin
  return lower(chat_private.plain(coalesce(skeleton, '')) collate "und-x-icu");
end;
$$;
comment on function chat_private.look is 'The skeleton of a name (UTS #39): names that look the same have the same skeleton.';

-- Searches use an index of the letters and pairs of letters of each text. An entry is a place and a hash: the place
-- separates texts that are never searched together. A substring has a subset of the entries of its text.
create function chat_private.grams(folded text)
returns text[]
language plpgsql immutable parallel safe security invoker set search_path = ''
as $$
declare
  letters text[] := string_to_array(folded, null);
begin
  return (
    select coalesce(array_agg(letter) filter (where letter <> ' '), '{}')
      || coalesce(array_agg(letter || next) filter (where letter <> ' ' and next <> ' '), '{}')
    from unnest(letters, letters[2:]) as pairs (letter, next)
  );
end;
$$;
comment on function chat_private.grams is 'The letters of a folded text, and its pairs of adjacent letters.';

create function chat_private.entries(grams text[], place bigint)
returns bigint[]
language plpgsql immutable parallel safe security invoker set search_path = ''
as $$
begin
  -- The place comes first: the entries of one text are neighbors in the index, so that adding them writes few pages.
  return array(select place << 25 | (hashtextextended(gram, 0) & 33554431) from unnest(grams) as gram);
end;
$$;
comment on function chat_private.entries is 'The entries of grams. Of a place of more than 38 bits, only the last 38 count.';

create function chat_private.wanted_grams(folded text)
returns text[]
language plpgsql immutable parallel safe security invoker set search_path = ''
as $$
declare
  grams text[] := chat_private.grams(folded);
  pairs text[] := array(select distinct gram from unnest(grams) as gram where char_length(gram) = 2);
begin
  -- Six pairs, spread over the text, are selective enough.
  return array(
    select gram from unnest(case when pairs = '{}' then grams else pairs end) with ordinality as listed (gram, place)
    where place % greatest(cardinality(pairs) / 6, 1) = 0
    limit 6
  );
end;
$$;
comment on function chat_private.wanted_grams is 'Grams that every text which contains this one has.';

create function chat_private.require_query(query text)
returns text
language plpgsql immutable security invoker set search_path = ''
as $$
declare
  wanted text := chat_private.fold(left(query, 201));
begin
  if (wanted <> '') is not true or char_length(query) > 200 then
    raise sqlstate 'PT400' using message = 'invalid_query', detail = 'Search for 1 to 200 characters.';
  end if;
  return wanted;
end;
$$;
comment on function chat_private.require_query is 'The folded text to search for. Raises invalid_query.';

grant execute on function
  chat_private.plain, chat_private.fold, chat_private.look, chat_private.grams, chat_private.entries,
  chat_private.require_query
  to authenticated, service_role;
