import { createApi } from "../_shared/app.ts";
import { chatSocket } from "./socket.ts";

const app = createApi({
  name: "social",
  title: "Parley social",
  description: "Profiles, posts, friends and chat rooms: the API of apis/social.md.",
});

export default { fetch: (request: Request) => chatSocket(request) ?? app.fetch(request) };
