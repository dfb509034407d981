import { createApi } from "../_shared/http/app.ts";
import { authRoutes } from "./auth.ts";
import { banRoutes } from "./bans.ts";
import { chatRoutes } from "./chats.ts";
import { invitationRoutes } from "./invitations.ts";
import { inviteRoutes } from "./invites.ts";
import { messageRoutes } from "./messages.ts";
import { muteRoutes } from "./mutes.ts";
import { pinnedRoutes } from "./pinned.ts";
import { reportRoutes } from "./reports.ts";
import { chatSocket } from "./socket.ts";
import { uploadRoutes } from "./uploads.ts";
import { userRoutes } from "./users.ts";

const app = createApi({
  name: "messenger",
  title: "Parley messenger",
  description: `Private and group chats, as documented in docs/apis/messenger.md.

Subscribe to a chat over a WebSocket at \`/ws/chat/{chat_id}/?token={access}\`; with \`&since={version}\` it first replays
the changes that the client missed. Frames are JSON objects with a \`type\`. A client sends \`message\`, \`edit\`,
\`delete\`, \`forward\`, \`react\`, \`unreact\`, \`read\` and \`typing\`; \`message_edit\` and \`message_delete\` are aliases of \`edit\` and \`delete\`. It
receives \`message\` (forwarded ones included), \`message_edit\`, \`message_delete\`, \`reaction\`, \`read\`, \`typing\`, \`user_status\`,
\`change\` (pins, members, the chat itself) and \`error\`, which carries the \`client_id\` of the refused frame. The socket
closes with 4401 if the token is missing or invalid, 4403 if the caller is not, or no longer, a member, 4408 if the token
has expired, 4423 if the account is suspended. After 1012 and 1013, connect again with \`since\`.`,
  fields: { content: "text", room_id: "chat", message_id: "message", query: "q", forwarded_from_id: "forwarded_from" },
});

authRoutes(app);
userRoutes(app);
chatRoutes(app);
inviteRoutes(app);
invitationRoutes(app);
banRoutes(app);
messageRoutes(app);
pinnedRoutes(app);
uploadRoutes(app);
reportRoutes(app);
muteRoutes(app);

export default { fetch: (request: Request) => chatSocket(request) ?? app.fetch(request) };
