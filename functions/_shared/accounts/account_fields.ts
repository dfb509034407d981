import { z } from "@hono/zod-openapi";
import { filledText, text, trimmedText } from "../http/fields.ts";

/** The pattern in the OpenAPI document: classes such as `\p{L}` mean something else to clients without Unicode patterns. */
const NO_OTHER_ASCII = "^[^\\s!-*,/:-?\\[-\\^`{-~]+$";

/** A username as Django allows it, in the form it is stored in; whether it is free, Auth's trigger decides. */
export const username = () =>
  filledText("profiles.username").transform((value) => value.normalize("NFKC")).pipe(
    z.string().regex(/^(?:(?!\p{Default_Ignorable_Code_Point})[\p{L}0-9_.@+-])+$/u, {
      error: "Enter a valid username. This value may contain only letters, numbers, and @/./+/-/_ characters.",
    }),
  ).openapi({ type: "string", pattern: NO_OTHER_ASCII });

/** An email address, as long as one can be. */
export const email = () => trimmedText().max(254).pipe(z.email({ error: "Enter a valid email address." }));

/** An email address, or nothing. */
export const optionalEmail = () =>
  z.union([z.string().trim().pipe(z.literal("")), email()], { error: "Enter a valid email address." }).optional();

/** The address of a new account, where clients expect to see those of others. */
export const shownEmail = () =>
  optionalEmail().openapi({
    description: "Others see it, as in the old backend, until the user switches off `show_email` of the profile.",
  });

/** As `minimum_password_length` of Auth, which it does not check where the service makes an account. */
const MIN_PASSWORD = 8;

/** A new password. Of longer ones bcrypt reads the first 72 bytes only; Auth refuses them, though not everywhere. */
export const password = () =>
  text().min(1).refine(
    (value) => value === "" || [...value].length >= MIN_PASSWORD,
    `This password is too short. It must contain at least ${MIN_PASSWORD} characters.`,
  ).refine(
    (value) => new TextEncoder().encode(value).length <= 72,
    "Password cannot be longer than 72 characters.",
  ).openapi({ minLength: MIN_PASSWORD, maxLength: 72 });

/** A first or a last name. */
export const personName = () => trimmedText("profiles.first_name");

/** What signs in: a username or an address, in either field. */
export const Credentials = z.preprocess(
  nameInEitherField,
  z.object({
    username: trimmedText().min(1).openapi({ description: "A username, or an email address." }),
    email: trimmedText().optional().openapi({ description: "Used when `username` is missing." }),
    password: text().min(1),
  }),
).openapi("Credentials", { required: ["password"] });

function nameInEitherField(body: unknown): unknown {
  if (typeof body !== "object" || body === null) return body;
  const { username, email } = body as Record<string, unknown>;
  const isFilledIn = typeof email === "string" && email.trim() !== "";
  const isEmpty = username === undefined || (typeof username === "string" && username.trim() === "");
  return isEmpty && isFilledIn ? { ...body, username: email } : body;
}

export const Refresh = z.object({ refresh: trimmedText().min(1) }).openapi("Refresh");

/** A sign-out: the access token names the session, and the refresh token may be of another. */
export const Logout = z.object({ refresh: trimmedText().optional() }).openapi("Logout");

export const Tokens = z.object({ access: z.string(), refresh: z.string() }).openapi("Tokens");
