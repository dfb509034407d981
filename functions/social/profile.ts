import { type OpenAPIHono, z } from "@hono/zod-openapi";
import { personName } from "../_shared/accounts/account_fields.ts";
import { deletePicture, pictureOr, presentPicture, storePicture, urlOf } from "../_shared/accounts/pictures.ts";
import { notFound } from "../_shared/base/errors.ts";
import { asUser, type Sql } from "../_shared/db/db.ts";
import type { Api } from "../_shared/http/app.ts";
import { trimmedText } from "../_shared/http/fields.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { accountGone, isNamed } from "../_shared/queries/people.ts";
import { personRows, toPerson } from "./people.sql.ts";
import { DEFAULT_IMAGE, IMAGES, Person } from "./schemas.ts";

const tags = ["profiles"];

/** Where a picture is. */
const picture = () =>
  pictureOr(
    trimmedText("profiles.avatar_url").regex(/^(https?:\/\/|\/)/, "Enter a valid URL.").nullable(),
  );

const ProfileChange = z.object({
  image: picture().optional().openapi({
    type: ["string", "null"],
    description: "A URL, or null for the default picture; in a form also a picture of at most 2 MB.",
  }),
  bio: trimmedText("profiles.bio").optional(),
  first_name: personName().optional(),
  last_name: personName().optional(),
}).openapi("ProfileChange");

/** Profiles: docs/apis/social.md#profiles. */
export function profileRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/profiles/api/profile/",
      tags,
      summary: "Get the caller's profile and posts",
      responses: { 200: response(Person, "The caller.") },
    }),
    async (c) => {
      const rows = await asUser(c.var.claims, (sql) => [...personRows(sql, isMe(sql))]);
      return c.json(toPerson(...rows) ?? accountGone(), 200);
    },
  );

  for (const method of ["put", "patch"] as const) {
    app.openapi(
      route({
        method,
        path: "/profiles/api/profile/",
        tags,
        summary: "Update the caller's profile",
        request: { body: body(ProfileChange) },
        responses: { 200: response(Person, "The updated profile.") },
      }),
      async (c) => {
        const { image, ...change } = c.req.valid("json");
        const shown = image instanceof File ? await storePicture(c, "image", image) : shownAt(c.req.raw, image);
        const [[before], , ...rows] = await asUser(
          c.var.claims,
          (sql) => [presentPicture(sql), changeMe(sql, { ...change, shown }), ...personRows(sql, isMe(sql))],
        );
        if (shown !== undefined && shown !== before?.avatar_url) await deletePicture(c, before?.avatar_url);
        return c.json(toPerson(...rows) ?? accountGone(), 200);
      },
    );
  }

  app.openapi(
    route({
      method: "get",
      path: "/profiles/api/search-user/",
      tags,
      summary: "Get a user by username",
      request: { query: z.object({ username: trimmedText() }) },
      responses: { 200: response(Person, "The user.") },
    }),
    async (c) => {
      const { username } = c.req.valid("query");
      const rows = await asUser(c.var.claims, (sql) => [...personRows(sql, isNamed(sql, username))]);
      const person = toPerson(...rows);
      if (!person) throw notFound("user_not_found");
      return c.json(person, 200);
    },
  );
}

const isMe = (sql: Sql) => sql`profiles.id = (select auth.uid())`;

/** The URL of a picture that is given by its path here, as profiles show it; null for the default one. */
function shownAt(request: Request, image: string | null | undefined): string | null | undefined {
  if (image === DEFAULT_IMAGE) return null;
  const path = image?.startsWith(IMAGES) ? image.slice(IMAGES.length) : undefined;
  return path === undefined ? image : urlOf(request, path);
}

interface Change extends Omit<z.infer<typeof ProfileChange>, "image"> {
  shown: string | null | undefined;
}

function changeMe(sql: Sql, { shown, bio, first_name, last_name }: Change) {
  const avatar = shown === undefined ? sql`avatar_url` : sql`${shown}`;
  return sql`
    update chat.profiles as profiles
    set avatar_url = ${avatar}, bio = coalesce(${bio ?? null}, bio),
      first_name = coalesce(${first_name ?? null}, first_name), last_name = coalesce(${last_name ?? null}, last_name)
    where ${isMe(sql)}`;
}
