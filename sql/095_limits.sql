-- Limits: how often a person may do something. Each person has a bucket of tokens for each action. It fills with time; an action
-- takes tokens in its own transaction, and is refused when there are too few. So one that fails takes none.
create table chat_private.limits (
  action text primary key check (action ~ '^[a-z_]{1,50}$'),
  capacity integer not null check (capacity > 0),
  per_second double precision not null check (per_second > 0),
  cost integer not null default 1 check (cost between 0 and capacity)
);
comment on table chat_private.limits is
  'How often a person may do something; operators may change it. Backends with the secret key are not limited.';
comment on column chat_private.limits.capacity is 'The tokens of a full bucket: what a person may do at once.';
comment on column chat_private.limits.per_second is 'The tokens that a bucket gains in a second: what a person may do in the long run.';
comment on column chat_private.limits.cost is 'The tokens that it takes to do this once; 0 lifts the limit.';
alter table chat_private.limits enable row level security;
revoke all on chat_private.limits from anon, authenticated;

-- Far more than a person does, and far less than a script could: no client of the documented APIs meets them.
insert into chat_private.limits (action, capacity, per_second) values
  ('send_message', 5000, 20),
  ('edit_message', 5000, 20),
  ('delete_message', 5000, 20),
  ('react', 2000, 10),
  ('pin', 1000, 1),
  ('upload_file', 500, 1),
  ('upload_picture', 200, 0.1),
  ('create_group', 1000, 0.2),
  ('create_direct_room', 1000, 0.2),
  ('add_member', 10000, 2),
  ('change_room', 1000, 1),
  ('create_invite_link', 200, 0.02),
  ('request_to_join', 100, 0.01),
  ('add_friend', 1000, 0.2),
  ('block_person', 1000, 0.2),
  ('ban_member', 1000, 0.2),
  ('report', 200, 0.02),
  ('write_post', 500, 0.1),
  ('change_profile', 1000, 1),
  -- Three a day.
  ('export_data', 3, 0.000035),
  ('search', 1000, 5),
  ('set_status', 500, 1),
  ('start_conversation', 500, 0.1),
  ('ask_assistant', 500, 0.1),
  -- Tokens of the model: two million a day.
  ('use_tokens', 2000000, 23.2);

-- Unlogged: a crash may fill the buckets. No foreign key: the rows of a deleted account go with the old ones.
create unlogged table chat_private.buckets (
  person_id uuid not null,
  action text not null,
  tokens double precision not null,
  filled_at timestamptz not null,
  primary key (person_id, action)
)
-- Each write finds space in the same page.
with (fillfactor = 50);
comment on table chat_private.buckets is 'How many tokens each person had for an action when they last took some; no row is a full bucket.';
alter table chat_private.buckets enable row level security;
revoke all on chat_private.buckets from anon, authenticated;

-- Two transactions of one person wait here for one another, and for nobody else. One that waits may have locked a room, which the
-- other one needs.
create function chat_private.wait_for_bucket(person_id uuid, action text)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  for attempt in 1..50 loop
    perform from chat_private.buckets as buckets
    where buckets.person_id = wait_for_bucket.person_id and buckets.action = wait_for_bucket.action
    for no key update skip locked;
    if found or not exists (
      select from chat_private.buckets as buckets
      where buckets.person_id = wait_for_bucket.person_id and buckets.action = wait_for_bucket.action
    ) then
      return;
    end if;
    perform pg_sleep(0.01);
  end loop;
  raise sqlstate 'PT503' using message = 'try_again', detail = 'You are doing the same elsewhere. Try again.';
end;
$$;
comment on function chat_private.wait_for_bucket is
  'Polls for the lock of a bucket. Call it before writing one in a transaction that holds the lock of a room. Raises try_again.';

create function chat_private.filled(bucket chat_private.buckets, rate chat_private.limits, at timestamptz)
returns double precision
language plpgsql immutable security invoker set search_path = ''
as $$
begin
  -- A clock that goes back fills no bucket twice. extract() would be a numeric: its conversion took half of the time of a draw.
  return least(rate.capacity, bucket.tokens + rate.per_second * greatest(date_part('epoch', at - bucket.filled_at), 0));
end;
$$;
comment on function chat_private.filled is 'How many tokens a bucket has at a time.';

-- One statement, as each send runs it: it has filled() written out, as the call took a fifth of its time. A bucket with too few
-- tokens is neither locked nor written: a flood of refused actions does not queue, and leaves no dead rows.
create function chat_private.draw(person_id uuid, action text, amount bigint, into_debt boolean default false)
returns double precision
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  read_at timestamptz;
  rest double precision;
  state text;
begin
  if nullif(current_setting('chat.highest_room', true), '') is not null then
    perform chat_private.wait_for_bucket(person_id, action);
  end if;
  loop
    -- Read once: each moment fills the bucket, also those of a wait for another transaction.
    read_at := clock_timestamp();
    update chat_private.buckets as buckets
    set filled_at = greatest(buckets.filled_at, read_at),
      tokens = -limits.cost * amount + least(
        limits.capacity, buckets.tokens + limits.per_second * greatest(date_part('epoch', read_at - buckets.filled_at), 0)
      )
    from chat_private.limits as limits
    where limits.action = draw.action and limits.cost > 0
      and buckets.person_id = draw.person_id and buckets.action = draw.action
      and (into_debt or limits.cost * amount <= least(
        limits.capacity, buckets.tokens + limits.per_second * greatest(date_part('epoch', read_at - buckets.filled_at), 0)
      ))
    returning buckets.tokens, set_config('chat.drawn', concat_ws(
      ' ', limits.action, limits.capacity / limits.cost, ceil(limits.capacity / limits.per_second), floor(buckets.tokens / limits.cost),
      ceil((limits.capacity - buckets.tokens) / limits.per_second)
    ), true)
    into rest, state;
    if found then
      return rest;
    end if;
    insert into chat_private.buckets (person_id, action, tokens, filled_at)
    select draw.person_id, limits.action, limits.capacity, clock_timestamp()
    from chat_private.limits as limits where limits.action = draw.action and limits.cost > 0
    on conflict do nothing;
    if not found then
      select chat_private.filled(buckets, limits, clock_timestamp()) - limits.cost * amount into rest
      from chat_private.buckets as buckets
      join chat_private.limits as limits on limits.action = buckets.action and limits.cost > 0
      where buckets.person_id = draw.person_id and buckets.action = draw.action;
      -- Too few; or there is no limit.
      if not found or rest < 0 then
        return rest;
      end if;
    end if;
  end loop;
end;
$$;
comment on function chat_private.draw is
  'Takes tokens of a person, and returns how many are left; with too few it takes none, and returns how many are missing as a negative '
  'number, unless the bucket may go into debt. Null if there is no limit. Raises try_again.';

-- PostgREST and the local Data API connect as these roles, and let an error set headers of the response.
create function chat_private.refuse_haste(reason text, sentence text, rate chat_private.limits, missing double precision)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  seconds constant integer := greatest(ceil(missing / rate.per_second), 1);
  detail constant text := format('%s Try again in %s second%s.', sentence, seconds, case when seconds > 1 then 's' end);
  hint constant text := json_build_object(
    'action', rate.action, 'limit', rate.capacity / rate.cost, 'window', ceil(rate.capacity / rate.per_second), 'retry_after', seconds
  );
begin
  if session_user in ('authenticator', 'supabase_auth_admin') then
    raise exception using errcode = 'PGRST',
      message = json_build_object('code', 'PT429', 'message', reason, 'details', detail, 'hint', hint),
      detail = json_build_object('status', 429, 'headers', json_build_object('Retry-After', seconds::text));
  elsif reason = 'rate_limited' then
    raise sqlstate 'PT429' using message = 'rate_limited', detail = detail, hint = hint;
  end if;
  raise sqlstate 'PT429' using message = 'slow_mode', detail = detail, hint = hint;
end;
$$;
comment on function chat_private.refuse_haste is
  'Raises an error with the seconds to wait: {action, limit, window, retry_after} in its hint, and Retry-After in the Data API.';

-- Definer: clients may not write buckets.
create function chat_private.take_tokens(action text, amount integer default 1)
returns void
language plpgsql volatile security definer set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  rate chat_private.limits;
  rest double precision;
begin
  -- A backend, an operator, or a job.
  if me is null then
    return;
  end if;
  -- A replica writes no buckets: a search there says that its token was taken on the primary. No client can set this.
  if current_setting('chat.taken', true) = action then
    return;
  end if;
  rest := chat_private.draw(me, action, amount);
  if rest < 0 then
    select * into rate from chat_private.limits as limits where limits.action = take_tokens.action;
    perform chat_private.refuse_haste('rate_limited', 'You have done this too often.', rate, -rest);
  end if;
end;
$$;
comment on function chat_private.take_tokens is
  'Takes the caller''s tokens for doing something once, or several times. Call it before locking a room. Raises rate_limited.';
grant execute on function chat_private.take_tokens to authenticated;

-- Definer: clients may not read buckets.
create function chat_private.require_token(action text)
returns void
language plpgsql stable security definer set search_path = ''
as $$
declare
  rate chat_private.limits;
  missing double precision;
begin
  select * into rate from chat_private.limits as limits where limits.action = require_token.action;
  select rate.cost - chat_private.filled(buckets, rate, clock_timestamp()) into missing
  from chat_private.buckets as buckets
  where buckets.person_id = auth.uid() and buckets.action = rate.action;
  if missing > 0 then
    perform chat_private.refuse_haste('rate_limited', 'You have done this too often.', rate, missing);
  end if;
end;
$$;
comment on function chat_private.require_token is
  'Says whether the caller may do something once now, and takes no token: to explain a refusal. Raises rate_limited.';
grant execute on function chat_private.require_token to authenticated;

-- Each write of a bucket makes the next one of the transaction slower: the rows of a statement take two times, not one by one.
create function chat_private.take_token_of_row(action text)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if current_setting('chat.token_rows') = '0' then
    perform chat_private.take_tokens(action), set_config('chat.token_rows', '1', true);
  else
    perform set_config('chat.token_rows', (current_setting('chat.token_rows')::integer + 1)::text, true);
  end if;
end;
$$;
comment on function chat_private.take_token_of_row is
  'Takes a token for the first row of a statement. rows_counted() takes those for the others. Raises rate_limited.';

-- Definer: clients may not take tokens.
create function chat_private.rows_counted()
returns trigger
language plpgsql volatile security definer set search_path = ''
as $$
begin
  perform chat_private.take_tokens(tg_argv[0], current_setting('chat.token_rows')::integer - 1);
  return null;
end;
$$;
comment on function chat_private.rows_counted is
  'A trigger after a statement for more than one of whose rows take_token_of_row() was called, with the action of these.';

-- The bucket of a room, which says when its member last wrote there: it stays when they leave and join again.
create function chat_private.keep_slow(room_id bigint, seconds integer)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  bucket constant text := 'slow_mode ' || room_id;
  waited double precision;
begin
  if me is null then
    return;
  end if;
  perform chat_private.wait_for_bucket(me, bucket);
  insert into chat_private.buckets (person_id, action, tokens, filled_at) values (me, bucket, 0, clock_timestamp())
  on conflict do nothing;
  if found then
    return;
  end if;
  select greatest(extract(epoch from clock_timestamp() - buckets.filled_at), 0) into waited
  from chat_private.buckets as buckets
  where buckets.person_id = me and buckets.action = bucket
  for no key update;
  if waited < seconds then
    perform chat_private.refuse_haste(
      'slow_mode', format('In this group a member writes one message in %s seconds.', seconds),
      row (bucket, 1, 1.0 / seconds, 1), 1 - waited / seconds
    );
  end if;
  update chat_private.buckets as buckets set filled_at = clock_timestamp()
  where buckets.person_id = me and buckets.action = bucket;
end;
$$;
comment on function chat_private.keep_slow is 'Notes that the caller writes in a room with slow mode. Raises slow_mode.';

create function chat_private.use_tokens(person_id uuid, amount bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  if amount > 0 then
    perform chat_private.draw(person_id, 'use_tokens', amount, true);
  end if;
end;
$$;
comment on function chat_private.use_tokens is
  'Counts what a reply has used, which is known only afterwards: a person who has used too much must wait before the next.';

create function chat_private.prune_buckets()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  most constant integer := 5000;
  pruned integer;
begin
  -- A bucket that is full again is one without a row.
  delete from chat_private.buckets as buckets
  where (buckets.person_id, buckets.action) in (
    select old.person_id, old.action
    from chat_private.buckets as old
    left join chat_private.limits as limits on limits.action = old.action
    where old.filled_at < chat_private.kept_since('buckets')
      and (limits.action is null or old.tokens + limits.per_second * extract(epoch from now() - old.filled_at) >= limits.capacity)
    limit most
    for update of old skip locked
  );
  get diagnostics pruned = row_count;
  return pruned = most;
end;
$$;
comment on function chat_private.prune_buckets is 'Deletes the buckets that nobody has used for a while and that are full.';
