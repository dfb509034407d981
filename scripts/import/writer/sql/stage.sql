-- What was read from the old database and is being written, as it was read.
-- A database has all that there is, and its ids are kept; those from 2^60 on stand for UUIDs, and become numbers.
-- An export of a chat may be a part of it, and so are the rows that are newer than a time: what is not among them was not deleted.
create temporary table import_run (import_id integer, name text, since timestamptz, is_database boolean, is_whole boolean);
-- How much of what was staged is here, and how much of it has come now.
create temporary table import_came (kind text, here bigint, added bigint);
create temporary table import_notes (kind text, source_id text, reason text, is_lost boolean, detail text);

create temporary table stage_people (
  source_id bigint, id uuid, username text, email text, is_verified boolean, auth_hash text, old_hash text,
  first_name text, last_name text, date_joined timestamptz, last_login timestamptz,
  is_active boolean, is_staff boolean, is_superuser boolean, bio text, avatar_url text, last_seen timestamptz, google text,
  -- Of exports: the id there, the address by which the person may be known here, and the username of who it is here.
  source text, address text, same_as text
);
create temporary table stage_friends (owner bigint, friend bigint);
create temporary table stage_posts (source_id bigint, author bigint, title text, content text, created_at timestamptz);
create temporary table stage_tokens (jti text, expires_at timestamptz);

create temporary table stage_rooms (
  -- hint: direct, private or public. marks: kept (of each member), flags (of each message) or all (is read).
  source_id bigint, hint text, marks text, name text, description text, owner bigint, created_at timestamptz
);
create temporary table stage_members (
  room bigint, person bigint, place bigint, role text, joined_at timestamptz,
  -- The places of the last messages that were read and received.
  read_id bigint, delivered_id bigint
);
create temporary table stage_messages (
  -- The source_id of a further part of a long message is negative. The order is that of place.
  room bigint, source_id bigint, message bigint, part integer, place bigint, sender bigint, content text, forwarded bigint,
  forwarded_sender bigint, forwarded_content text, reply bigint, created_at timestamptz, edited_at timestamptz,
  deleted_at timestamptz, is_read boolean, metadata jsonb
);
create temporary table stage_reactions (room bigint, message bigint, person bigint, emoji text, place integer);
-- What is in Storage already. Of a file that was imported before there is only the id.
create temporary table stage_files (
  room bigint, message bigint, place integer, id uuid, is_new boolean, path text, name text, mime_type text, bytes bigint,
  width integer, height integer, duration_ms integer
);
create temporary table stage_pins (room bigint, source_id bigint, message bigint, person bigint, pinned_at timestamptz);

create temporary table stage_conversations (
  source_id text, id uuid, owner bigint, title text, archived boolean, created_at timestamptz, updated_at timestamptz
);
create temporary table stage_turns (
  -- An answer has the negative id of its question.
  conversation uuid, source_id bigint, place bigint, role text, content text, metadata text, reply bigint,
  created_at timestamptz
);
