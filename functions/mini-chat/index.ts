import { createApi } from "../_shared/http/app.ts";
import { authRoutes } from "./auth.ts";
import { membershipRoutes } from "./membership.ts";
import { messageRoutes } from "./messages.ts";
import { participantRoutes } from "./participants.ts";
import { peopleRoutes } from "./people.ts";
import { profileRoutes } from "./profile.ts";
import { roomRoutes } from "./rooms.ts";
import { chatSocket } from "./socket.ts";

const app = createApi({
  name: "mini-chat",
  title: "Parley mini-chat",
  description: `Rooms, direct chats and who is online, as documented in docs/apis/mini-chat.md.

Subscribe to a room over a WebSocket at \`/ws/chat/{room_id}/?token={access}\`; the token may also be in an
\`Authorization\` header or a subprotocol. With \`&since={version}\` it first replays the changes that the client missed.
Frames are JSON objects with a \`type\`. A client sends \`chat_message {message, client_id?}\`, \`typing {is_typing}\` and
\`mark_read\`. It receives \`chat_message {message_id, message, user_id, username, timestamp, is_read, seq, version,
client_id}\`, for its own messages too, and \`message_sent\` with the same fields when one of these is stored;
\`typing_indicator {user_id, username, is_typing}\`, \`user_status {user_id, username, is_online, last_seen}\`,
\`messages_marked_read {room_id, user_id}\` and \`error {message, code, client_id?}\`. The socket closes with 4401 if the
token is missing or invalid, 4403 if the caller is not, or no longer, a member, 4408 if the token has expired, 4423 if the
account is suspended. After 1012 and 1013, connect again with \`since\`.`,
  fields: { room_id: "room", avatar_url: "avatar", members: "user_id" },
  // Where clients of the old backend look for the sentence to show.
  alsoRefused: (body) => "detail" in body ? { error: body.detail } : {},
});

authRoutes(app);
profileRoutes(app);
peopleRoutes(app);
roomRoutes(app);
membershipRoutes(app);
participantRoutes(app);
messageRoutes(app);

export default { fetch: (request: Request) => chatSocket(request) ?? app.fetch(request) };
