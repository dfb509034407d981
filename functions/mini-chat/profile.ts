import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { optionalEmail, password, personName } from "../_shared/accounts/account_fields.ts";
import { deletePicture, type Picture, pictureOr, storePicture } from "../_shared/accounts/pictures.ts";
import { changePassword } from "../_shared/accounts/passwords.ts";
import type { Api } from "../_shared/http/app.ts";
import { trimmedText } from "../_shared/http/fields.ts";
import { accessToken } from "../_shared/http/require_user.ts";
import { body, response, route } from "../_shared/http/routes.ts";
import { clientAddress } from "../_shared/network/address.ts";
import { changeEmail } from "./email.ts";
import { changeProfile, type ProfileChange, readProfile } from "./profile.sql.ts";
import { Done, PLACEHOLDER_AVATAR, Profile } from "./schemas.ts";

const tags = ["auth"];

const Url = z.url({ protocol: /^https?$/, hostname: /./ });

const avatar = pictureOr(
  trimmedText("profiles.avatar_url")
    .refine((url) => url === "" || Url.safeParse(url).success, "Enter a valid URL.")
    .nullable().transform((url) => url === PLACEHOLDER_AVATAR ? null : url || null),
);

const ProfileFields = z.object({
  first_name: personName().optional(),
  last_name: personName().optional(),
  email: optionalEmail(),
  current_password: z.string().optional().openapi({ description: "Required to change the email address." }),
  avatar: avatar.optional().openapi({
    type: ["string", "null"],
    description: "A URL, or empty or null for the placeholder; in a form also a picture.",
  }),
}).openapi("ProfileChange");

/** The profile as GET answers it, and beside it what the old backend answered. */
const ChangedProfile = Profile.extend(Done.shape).extend({
  user: Profile,
  new_email: z.string().optional().openapi({
    description: "Takes effect when confirmed by the email sent to it.",
  }),
}).openapi("ChangedProfile");

const AvatarChange = z.object({
  avatar: avatar.openapi({ type: ["string", "null"], description: "A URL; in a form also a picture." }),
})
  .openapi("AvatarChange");

const ChangedAvatar = Profile.extend(Done.shape).extend({ user: Profile, avatar: z.url() }).openapi("ChangedAvatar");

const PasswordChange = z.object({
  old_password: z.string().min(1),
  new_password: password(),
  new_password_confirm: z.string(),
}).refine(({ new_password, new_password_confirm }) => new_password === new_password_confirm, {
  path: ["new_password_confirm"],
  error: "The two password fields didn't match.",
}).openapi("PasswordChange");

/** Profile and password: docs/apis/mini-chat.md#accounts. */
export function profileRoutes(app: OpenAPIHono<Api>): void {
  app.openapi(
    route({
      method: "get",
      path: "/api/auth/profile/",
      tags,
      summary: "Get the caller's profile",
      responses: { 200: response(Profile, "The profile.") },
    }),
    async (c) => c.json(await readProfile(c.var.claims), 200),
  );

  for (const method of ["put", "patch"] as const) {
    app.openapi(
      route({
        method,
        path: "/api/auth/profile/",
        tags,
        summary: "Update the caller's profile",
        request: { body: body(ProfileFields) },
        responses: { 200: response(ChangedProfile, "The updated profile.") },
      }),
      async (c) => {
        const { email, current_password, ...change } = c.req.valid("json");
        const { claims } = c.var;
        const prover = { claims, token: accessToken(c), address: clientAddress(c) };
        const new_email = email !== undefined && await changeEmail({ email, current_password }, prover);
        const profile = await changed(c, change);
        const message = "Профиль успешно обновлен";
        return c.json({ ...profile, user: profile, message, ...(new_email && { new_email }) }, 200);
      },
    );
  }

  app.openapi(
    route({
      method: "post",
      path: "/api/auth/upload-avatar/",
      tags,
      summary: "Change the caller's avatar: a picture of at most 2 MB, or the URL of one",
      request: { body: body(AvatarChange) },
      responses: { 200: response(ChangedAvatar, "The updated profile.") },
    }),
    async (c) => {
      const profile = await changed(c, c.req.valid("json"));
      const message = "Аватар успешно обновлен";
      return c.json({ ...profile, user: profile, avatar: profile.profile.avatar, message }, 200);
    },
  );

  app.openapi(
    route({
      method: "post",
      path: "/api/auth/change-password/",
      tags,
      summary: "Change the caller's password; all other sessions end",
      request: { body: body(PasswordChange) },
      responses: { 200: response(Done, "The password was changed.") },
    }),
    async (c) => {
      const { old_password, new_password } = c.req.valid("json");
      const prover = { claims: c.var.claims, token: accessToken(c), address: clientAddress(c) };
      await changePassword({ ...prover, old: old_password, new: new_password });
      return c.json({ message: "Пароль успешно изменен" }, 200);
    },
  );
}

/** Changes the profile, to a picture that is stored before if there is one; the earlier one is deleted. */
async function changed(
  c: Context<Api>,
  { avatar, ...names }: Omit<ProfileChange, "avatar"> & { avatar?: Picture<string | null> },
) {
  const shown = avatar instanceof File ? await storePicture(c, "avatar", avatar) : avatar;
  const { profile, replaced } = await changeProfile(c.var.claims, { ...names, avatar: shown });
  if (shown !== undefined && shown !== replaced) await deletePicture(c, replaced);
  return profile;
}
