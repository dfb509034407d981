-- Writers avoid deadlocks and long waits: they lock rooms in ascending order, and no statement writes too many rows.

-- chat.written: how many rows and characters a statement has written. chat.token_rows: for how many rows it takes tokens.
create function chat_private.count_from_zero()
returns trigger
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  perform set_config('chat.written', '{0,0}', true), set_config('chat.token_rows', '0', true);
  return null;
end;
$$;
comment on function chat_private.count_from_zero is
  'A trigger before each statement whose rows count_row() and take_token_of_row() count.';

create function chat_private.count_row(content text default '')
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  -- About a second of work at most: the time that a text takes grows with its length.
  most_rows constant integer := 2500;
  most_text constant integer := 250000;
  written integer[];
begin
  if current_setting('role') <> 'authenticated' then
    return;
  end if;
  written := current_setting('chat.written');
  written[1] := written[1] + 1;
  written[2] := written[2] + char_length(content);
  if written[1] > most_rows or written[2] > most_text then
    raise sqlstate 'PT400' using message = 'too_many_rows',
      detail = format('Write at most %s rows and %s characters in one statement.', most_rows, most_text);
  end if;
  perform set_config('chat.written', written::text, true);
end;
$$;
comment on function chat_private.count_row is
  'Counts a row that a signed-in user writes, as other users wait for the locks of its statement. Raises too_many_rows.';

-- Polls for the lock: two transactions that each wait for a lock that the other one holds are a deadlock.
create function chat_private.lock_out_of_turn(room_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
begin
  for attempt in 1..50 loop
    perform from chat.rooms where id = lock_out_of_turn.room_id for no key update skip locked;
    if found or not exists (select from chat.rooms where id = lock_out_of_turn.room_id) then
      return;
    end if;
    perform pg_sleep(0.01);
  end loop;
  raise sqlstate 'PT503' using message = 'try_again',
    detail = 'Another user is writing to these rooms. Try again, and write to several rooms in ascending order of their ids.';
end;
$$;

create function chat_private.take_turn(room_id bigint)
returns void
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  highest bigint := nullif(current_setting('chat.highest_room', true), '')::bigint;
begin
  if highest is null or highest < room_id then
    perform set_config('chat.highest_room', room_id::text, true);
  elsif highest > room_id then
    perform chat_private.lock_out_of_turn(room_id);
  end if;
end;
$$;
comment on function chat_private.take_turn is
  'Call it before locking a room. After a room with a higher id in the same transaction, it polls for the lock for a short '
  'time. Raises try_again.';
