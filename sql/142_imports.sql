-- What was imported from other backends, and where it is here: a repeated import adds what is new, and nothing twice. What
-- was deleted here stays deleted.
create table chat_private.imports (
  id integer generated always as identity primary key,
  name text not null unique check (name ~ '^[\w.-]{1,100}$'),
  kind text not null check (char_length(kind) between 1 and 50),
  started_at timestamptz not null default now(),
  -- What was changed here after that is newer than what the import knows.
  written_at timestamptz not null default now(),
  -- Until when a finished import has read its source: its start or, as a copy may be older, the newest row of the source.
  seen_until timestamptz
);
comment on table chat_private.imports is 'The backends from which people and rooms were imported.';
alter table chat_private.imports enable row level security;
revoke all on chat_private.imports from anon, authenticated, service_role;

create table chat_private.imported_rows (
  import_id integer not null references chat_private.imports on delete cascade,
  kind text not null check (kind in ('person', 'post', 'friend', 'room', 'member', 'message', 'pin', 'conversation', 'turn')),
  -- The id there; of rows without one, a hash of what they join.
  source_id bigint not null,
  -- The id here: of a person, the number; of a conversation, a hash of its uuid. No foreign key: the row may be gone.
  target_id bigint not null,
  primary key (import_id, kind, source_id)
);
comment on table chat_private.imported_rows is 'The id that each imported row has had there, and the one that it has here.';

-- The imported person who is linked to another one (490_linked_people).
create index imported_rows_person_idx on chat_private.imported_rows (target_id) where kind = 'person';

alter table chat_private.imported_rows enable row level security;
revoke all on chat_private.imported_rows from anon, authenticated, service_role;
