begin;
select plan(72);

-- Texts that look the same to people are equal.
select is(chat_private.fold(one), chat_private.fold(other), format('%s is %s', one, reason))
from (values
  ('TEA', 'tea', 'the same in small letters'), (U&'caf\00e9', U&'cafe\0301', 'the same in another normal form'),
  (U&'caf\00e9', 'cafe', 'the same without its accent'), ('ＴＥＡ', 'tea', 'the same in another width'),
  ('ﬁne', 'fine', 'the same without its ligature'), ('İstanbul', 'istanbul', 'the same in a Turkish spelling'),
  ('ılık', 'ILIK', 'the same in its own capitals'), ('ΣΟΦΟΣ', 'σοφος', 'the same with its final sigma'),
  ('straße', 'STRASSE', 'the same in capitals'), ('STRAẞE', 'strasse', 'the same from capitals'),
  ('Ёлка', 'елка', 'the same with е'), (U&'\0439\043e\0433', U&'\0438\0306\043e\0433', 'the same in another normal form'),
  ('ЙОГ', 'йог', 'the same in small letters'),
  (U&'\05e9\05c1\05b8\05dc\05d5\05b9\05dd', U&'\05e9\05dc\05d5\05dd', 'the same without points'),
  (U&'\0645\064f\062d\064e\0645\0651\064e\062f', U&'\0645\062d\0645\062f', 'the same without vowel signs'),
  (U&'\0623\062d\0645\062f', U&'\0627\062d\0645\062f', 'the same with a plain alef'),
  (U&'a\200bb', 'ab', 'the same without what cannot be seen'), (U&'\202eabc\202c', 'abc', 'the same without direction marks'),
  (E'a \t\n b', 'a b', 'the same with one space'), (U&'a\00a0b', 'a b', 'the same with a plain space'),
  ('don’t', 'don''t', 'the same with a typewriter''s apostrophe'), ('“tea”', '"tea"', 'the same with plain quotes'),
  ('Łódź', 'lodz', 'the same without strokes'), (U&'\1112\1161\11ab', '한', 'the same as a syllable')
) as same (one, other, reason);
select isnt(chat_private.fold(one), chat_private.fold(other), format('%s is not %s', one, other))
from (values
  ('мой', 'мои'), ('й', 'и'), ('ў', 'у'), ('ї', 'і'), ('が', 'か'), ('हि', 'ह'), ('tea', 'te a'), ('ä', 'o'), ('ж', 'z')
) as different (one, other);

-- Texts without a visible character.
select is(chat_private.shows(text), false, format('%s shows nothing', name))
from (values
  ('', 'no text'), (' ', 'a space'), (E'\t\n\r', 'a line break'), (U&'\200b', 'a zero-width space'),
  (U&'\3164', 'a Hangul filler'), (U&'\ffa0', 'a halfwidth filler'), (U&'\115f\1160', 'fillers of jamo'),
  (U&'\2800', 'a blank of Braille'), (U&'\202e\202c', 'direction marks'), (U&'\0301', 'an accent alone'),
  (U&'\00ad', 'a soft hyphen'), (U&'\feff', 'a byte order mark'), (U&'\3000\2003', 'wide spaces'), (U&'\fe0f', 'a selector'),
  (U&'\+0e0041', 'a tag'), (U&'\034f', 'a joiner'), (U&'\0001', 'a control character')
) as blank (text, name);
select is(chat_private.shows(text), true, format('%s shows', text))
from unnest(array['a', ' a ', 'я', '.', '👩‍👩‍👧', '한', U&'\200ba', '0']) as text;

-- Names that look the same.
select is(chat_private.look(one), chat_private.look(other), format('%s looks like %s', one, other))
from (values
  ('раураl', 'paypal'), ('paypaI', 'paypal'), ('bum', 'burn'), ('ΑΝΝ', 'ann'), ('ВОВ', 'bob'), ('аndrеi', 'andrei'),
  ('user1', 'userl'), ('bob0', 'bobO'), ('josé', 'jose'), ('ａｎｎ', 'ann')
) as alike (one, other);
select isnt(chat_private.look(one), chat_private.look(other), format('%s does not look like %s', one, other))
from (values ('ali', 'all'), ('ann', 'anna'), ('андрей', 'андреи'), ('вов', 'bob')) as unlike (one, other);

select * from finish();
rollback;
