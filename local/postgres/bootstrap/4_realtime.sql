-- The tables of Realtime. Partitions of realtime.messages are made by the stack, a day ahead of their use.

create table realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default now(),
  inserted_at timestamp not null default now(),
  id uuid not null default gen_random_uuid(),
  binary_payload bytea,
  primary key (id, inserted_at)
) partition by range (inserted_at);

alter table realtime.messages add constraint messages_payload_exclusive
  check (payload is null or binary_payload is null);
create index messages_inserted_at_topic_index on realtime.messages (inserted_at desc, topic)
  where extension = 'broadcast' and private is true;
alter table realtime.messages enable row level security;
alter table realtime.messages owner to supabase_realtime_admin;
grant select, insert, update on realtime.messages to postgres, anon, authenticated, service_role;

create type realtime.equality_op as enum (
  'eq', 'neq', 'lt', 'lte', 'gt', 'gte', 'in', 'like', 'ilike', 'is', 'match', 'imatch', 'isdistinct'
);
create type realtime.user_defined_filter as (column_name text, op realtime.equality_op, value text);

create table realtime.subscription (
  id bigint generated always as identity primary key,
  subscription_id uuid not null,
  entity regclass not null,
  filters realtime.user_defined_filter[] not null default '{}',
  claims jsonb not null,
  created_at timestamp not null default timezone('utc', now()),
  action_filter text default '*'
);
alter table realtime.subscription enable row level security;
alter table realtime.subscription owner to supabase_realtime_admin;
grant select on realtime.subscription to postgres, anon, authenticated, service_role;

create publication supabase_realtime_messages_publication for table realtime.messages;
alter publication supabase_realtime_messages_publication owner to supabase_admin;
