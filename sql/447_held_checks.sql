-- Held messages that an external checker looks at before a moderator does, if an operator has set one up. A function asks it, outside of
-- every transaction; until it answers, and if it never does, the message waits in the queue of the moderators like any other.
create table chat_private.held_checks (
  held_id bigint primary key references chat.held_messages on delete cascade,
  due_at timestamptz not null default now(),
  tries smallint not null default 0
);
comment on table chat_private.held_checks is 'Held messages about which the checker has not answered, and when to ask it next.';
alter table chat_private.held_checks enable row level security;
revoke all on chat_private.held_checks from anon, authenticated;

-- What is due.
create index held_checks_due_at_idx on chat_private.held_checks (due_at);

-- Definer, like the function below: the function that asks the checker has no other rights on these tables.
create function chat_private.claim_checks(max_rows integer)
returns setof chat.held_messages
language plpgsql volatile security definer rows 20 set search_path = ''
as $$
declare
  -- Over half a day.
  most constant integer := 20;
begin
  delete from chat_private.held_checks as checks
  where checks.held_id in (
    select old.held_id from chat_private.held_checks as old
    join chat.held_messages as held on held.id = old.held_id
    where old.due_at <= now() and (old.tries >= most or held.rejected_at is not null)
    for update of old skip locked
  );
  return query
    with claimed as (
      update chat_private.held_checks as checks
      -- Until then no other worker asks.
      set due_at = now() + least(interval '1 minute' * 2 ^ checks.tries, interval '1 hour'), tries = checks.tries + 1
      where checks.held_id in (
        select due.held_id from chat_private.held_checks as due
        where due.due_at <= now()
        order by due.due_at
        limit max_rows
        for update skip locked
      )
      returning checks.held_id
    )
    select held.* from claimed join chat.held_messages as held on held.id = claimed.held_id order by held.id;
end;
$$;
comment on function chat_private.claim_checks is
  'Held messages to ask the checker about. Those about which it does not answer are due again in a minute, then in two, in the end '
  'in an hour; after 20 times they are left to the moderators.';

create function chat_private.held_checked(held_id bigint, is_allowed boolean, reason text)
returns boolean
language plpgsql volatile security definer set search_path = ''
as $$
declare
  open_report bigint;
begin
  -- In the order in which a moderator locks them.
  select reports.id into open_report from chat.reports as reports
  where reports.target = 'message:' || -held_id and reports.state = 'open' for update;
  perform from chat.held_messages as held where held.id = held_checked.held_id for update;
  delete from chat_private.held_checks as checks where checks.held_id = held_checked.held_id;
  if open_report is null then
    return false; -- a moderator was faster
  elsif is_allowed then
    begin
      perform chat_private.resolve_report(open_report, 'dismiss', 'The checker has allowed it.', null);
      return true;
    exception when sqlstate 'PT400' or sqlstate 'PT403' or sqlstate 'PT404' then
      -- Who is muted, or has left, sends nothing: the moderators see it.
      return false;
    end;
  end if;
  update chat.reports as reports
  set note = left(concat_ws(': ', nullif(reports.note, ''), nullif(btrim(held_checked.reason), '')), 1000)
  where reports.id = open_report;
  return false;
end;
$$;
comment on function chat_private.held_checked is
  'What the checker says of a held message: sends it, or leaves it to the moderators, with the reason in the note of its report. '
  'Returns whether it was sent.';

-- For the function that asks the checker, with the secret key.
grant execute on function chat_private.claim_checks, chat_private.held_checked to service_role;
