-- readable_files: written by `npm run db:migration` from the difference of sql/, then read by a person.

set local lock_timeout = '5s';
set local check_function_bodies = off;

revoke all ("bytes") on table "chat"."attachments" from "authenticated";

revoke all ("created_at") on table "chat"."attachments" from "authenticated";

revoke all ("duration_ms") on table "chat"."attachments" from "authenticated";

revoke all ("height") on table "chat"."attachments" from "authenticated";

revoke all ("id") on table "chat"."attachments" from "authenticated";

revoke all ("message_id") on table "chat"."attachments" from "authenticated";

revoke all ("mime_type") on table "chat"."attachments" from "authenticated";

revoke all ("name") on table "chat"."attachments" from "authenticated";

revoke all ("path") on table "chat"."attachments" from "authenticated";

revoke all ("room_id") on table "chat"."attachments" from "authenticated";

revoke all ("width") on table "chat"."attachments" from "authenticated";

revoke all on table "chat"."attachments" from "authenticated";

grant select on table "chat"."attachments" to "authenticated";
