import type { Context } from "hono";
import { ApiError } from "../../_shared/base/errors.ts";
import { translate } from "../../_shared/db/database_errors.ts";
import type { Api } from "../../_shared/http/app.ts";
import type { Typed } from "./chat_parts.tsx";
import { isFormPost, rawFieldsOf } from "./input.ts";

/** Shows a form again with the input and its errors; `answersBoth` answers scripts. */
export async function orShownAgain(
  c: Context<Api>,
  name: string,
  work: () => Promise<Response>,
  page: (typed: Typed) => Promise<Response>,
): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    const refusal = error instanceof ApiError ? error : translate(error, {});
    if (!isFormPost(c) || refusal?.status !== 400) throw error;
    const given = await rawFieldsOf(c) as Record<string, unknown>;
    const value = given[name];
    const texts = Object.values(refusal.body).flat();
    return await page({ value: typeof value === "string" ? value : "", error: texts.join(" ") });
  }
}
