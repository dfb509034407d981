import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { asUser, readAsUser } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { filledText, trimmedText } from "../_shared/http/fields.ts";
import { clientId, clientIdField, idempotencyHeaders, isNew } from "../_shared/http/idempotency.ts";
import { cursor, limit, linkNext, MAX_BYTES } from "../_shared/http/pagination.ts";
import { body, createdOnce, response, route } from "../_shared/http/routes.ts";
import { following } from "../_shared/queries/keyset.sql.ts";
import { isNamed } from "../_shared/queries/people.ts";
import { bytesOf } from "../_shared/queries/room_messages.sql.ts";
import { postRows } from "./people.sql.ts";
import { Post } from "./schemas.ts";

const tags = ["posts"];

const NewPost = z.object({
  title: filledText("posts.title"),
  content: filledText("posts.content"),
  client_id: clientIdField(),
}).openapi("NewPost");
const PostQuery = z.object({
  author: trimmedText().optional().openapi({ description: "Returns only posts of this username." }),
  limit: limit(),
  before: cursor(),
  after: cursor(),
});

/** Posts: docs/apis/social.md#posts. */
export function postRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/profiles/api/posts/",
      tags,
      summary: "List all posts, oldest first; without a cursor, the newest page",
      request: { query: PostQuery },
      responses: { 200: response(z.array(Post), "Posts.") },
    }),
    async (c) => {
      const { author, ...page } = c.req.valid("query");
      const [posts] = await readAsUser(c.var.claims, (sql) => [
        postRows(sql, {
          ...page,
          ...(author !== undefined && {
            author: sql`select profiles.id from chat.profiles as profiles where ${isNamed(sql, author)}`,
          }),
        }),
      ]);
      if (posts.length === page.limit || bytesOf(posts) >= MAX_BYTES) {
        linkNext(c, following(page, posts));
      }
      return c.json([...posts], 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/profiles/api/posts/",
      tags,
      summary: "Publish a post",
      request: { headers: idempotencyHeaders, body: body(NewPost) },
      responses: createdOnce(Post, "post"),
    }),
    async (c) => {
      const { title, content, client_id } = c.req.valid("json");
      const key = clientId(c, client_id, c.var.claims.sub);
      const [[row]] = await asUser(c.var.claims, (sql) => [
        sql<(z.infer<typeof Post> & { created: boolean })[]>`
          select added.id, added.title, added.content, added.created_at, authors.username as author,
            ${isNew(sql)} as created
          from chat.create_post(${title}, ${content}, ${key}) as added
          join chat.profiles as authors on authors.id = added.author_id`,
      ]);
      const { created, ...post } = row!;
      return c.json(post, created ? 201 : 200);
    },
  );
}
