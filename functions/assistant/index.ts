import { createApi } from "../_shared/http/app.ts";
import { questionRoutes } from "./questions.ts";
import { replyRoutes } from "./replies.ts";

const app = createApi({
  name: "assistant",
  title: "Parley assistant",
  description: "Questions to the assistant and its replies, in conversations that the Data API lists: " +
    "see docs/apis/assistant.md.",
  fields: { content: "message" },
});

questionRoutes(app);
replyRoutes(app);

export default { fetch: (request: Request) => app.fetch(request) };
