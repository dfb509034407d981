-- Word rules: what a message may not say, and what a moderator shall look at. Without a rule a send only sees that there is none.
create table chat_private.word_rules (
  id bigint generated always as identity primary key,
  -- The second check refuses anything but a regular expression.
  pattern text not null unique check (char_length(pattern) between 1 and 500) check (('' ~* pattern) is not null),
  action text not null check (action in ('flag', 'refuse', 'hold')),
  created_at timestamptz not null default now()
);
comment on table chat_private.word_rules is 'What messages may not say, or report to the moderators when they do; operators may change it.';
comment on column chat_private.word_rules.pattern is
  'A regular expression of Postgres, in any case: \mspam\M is the word, and spam also a part of one.';
comment on column chat_private.word_rules.action is
  'flag reports the message, hold keeps it until a moderator approves, and refuse refuses it.';

alter table chat_private.word_rules enable row level security;
revoke all on chat_private.word_rules from anon, authenticated;

-- What backends and operators write passes. Definer: clients may not read the rules, nor write reports.
create function chat_private.apply_word_rules(message chat.messages)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  -- As it reads: letters of other widths, and characters that nobody sees, hide no word.
  shown constant text := normalize(chat_private.visible(regexp_replace(message.content, '\s+', ' ', 'g')), nfkc);
  rule chat_private.word_rules;
begin
  if (select auth.uid()) is null then
    return;
  end if;
  -- The strictest first.
  for rule in
    select * from chat_private.word_rules as rules where shown ~* rules.pattern
    order by array_position(array['refuse', 'hold', 'flag'], rules.action), rules.id
  loop
    if rule.action = 'refuse' then
      raise sqlstate 'PT400' using message = 'word_refused',
        detail = format('A message may not say “%s” here.', regexp_substr(shown, rule.pattern, 1, 1, 'i'));
    elsif rule.action = 'hold' then
      raise sqlstate 'PT403' using message = 'message_held',
        detail = 'A moderator must approve this first: send it with send_message(), as a new message.',
        hint = regexp_substr(shown, rule.pattern, 1, 1, 'i');
    end if;
    insert into chat.reports (kind, message_id, user_id, room_id, reason, note, snapshot)
    values (
      'message', message.id, message.sender_id, message.room_id, 'word_rule',
      left(regexp_substr(shown, rule.pattern, 1, 1, 'i'), 1000), chat_private.message_snapshot(message)
    )
    on conflict (target) where state = 'open' and reason = 'word_rule' do nothing;
  end loop;
end;
$$;
comment on function chat_private.apply_word_rules is
  'Refuses a message for what it says, or reports it to the moderators, once. Raises word_refused, message_held.';
