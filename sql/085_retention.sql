-- How long rows are kept that nobody needs forever. One job removes those that are older, some at a time: for each row here it calls
-- the function prune_<name>(), which stands beside the table that it prunes.
create table chat_private.retention (
  name text primary key check (name ~ '^[a-z_]{1,50}$'),
  age interval,
  at_least interval,
  at_most interval,
  newest integer check (newest between 1 and 100000),
  description text not null check (description <> ''),
  -- By age or by number; forever only where there is no longest age.
  constraint retention_age_check check (
    case
      when newest is not null then num_nonnulls(age, at_least, at_most) = 0
      when age is null then at_most is null
      else coalesce(age between at_least and coalesce(at_most, '100 years'), false)
    end
  )
);
comment on table chat_private.retention is 'How long what grows is kept; operators may change it.';
comment on column chat_private.retention.age is 'Rows that are older are removed; null keeps them forever.';
comment on column chat_private.retention.at_least is 'The shortest age that it may have.';
comment on column chat_private.retention.at_most is 'The longest age that it may have; null if rows may be kept forever.';
comment on column chat_private.retention.newest is 'Of what is pruned by number: how many of the newest stay.';
alter table chat_private.retention enable row level security;
revoke all on chat_private.retention from anon, authenticated;

insert into chat_private.retention (name, age, at_least, at_most, newest, description) values
  ('audit_log', null, '90 days', null, null, 'Rows of the audit log.'),
  ('buckets', '1 day', '1 hour', '30 days', null, 'Buckets of limits that are full again, since their last use.'),
  ('client_keys', '90 days', '7 days', null, null, 'Keys of groups, posts and changed messages.'),
  ('event_times', '7 days', '4 days', '1 year', null, 'When an event of a message was sent, which Realtime keeps for four days at most.'),
  ('exchanged_tokens', '1 day', '0 days', '1 year', null, 'Tokens of an earlier backend that were used, since they expired.'),
  ('held_messages', '30 days', '1 day', '1 year', null, 'Held messages that a moderator has rejected: until then a retry is refused.'),
  ('joins', '1 hour', '10 minutes', '30 days', null, 'How often a person has joined a room.'),
  ('login_attempts', '1 hour', '5 minutes', '30 days', null, 'Failed attempts to sign in, since the last one.'),
  ('reports', null, '30 days', null, null, 'Reports with what they are about, since they were answered.'),
  ('room_changes', null, null, null, 100, 'Superseded changes of a room, and ten times as many of those that its messages show.'),
  ('uploads', '1 day', '1 hour', '30 days', null, 'Files that were announced and not sent.');

create function chat_private.kept_since(name text)
returns timestamptz
language plpgsql stable security invoker set search_path = ''
as $$
begin
  return now() - (select retention.age from chat_private.retention as retention where retention.name = kept_since.name);
end;
$$;
comment on function chat_private.kept_since is 'Rows of this kind that are older are removed; null if they are kept forever.';

create function chat_private.job_prune()
returns boolean
language plpgsql volatile security invoker set search_path = ''
as $$
declare
  until constant timestamptz := clock_timestamp() + interval '300 milliseconds';
  kind text;
  has_more boolean;
  is_unfinished boolean := false;
begin
  for kind in select retention.name from chat_private.retention as retention order by retention.name loop
    loop
      execute format('select chat_private.%I()', 'prune_' || kind) into has_more;
      exit when not has_more or clock_timestamp() > until;
    end loop;
    is_unfinished := is_unfinished or has_more;
  end loop;
  return is_unfinished;
end;
$$;
comment on function chat_private.job_prune is 'Removes what is older than retention says, of each kind at least one batch.';

insert into chat_private.jobs (name, every) values ('prune', interval '10 minutes');
