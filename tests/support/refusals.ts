/** A refusal with a detail as an API answers it: mini-chat has the detail as `error`, too. */
export const refusal = <Body extends { detail: unknown }>(api: string, body: Body) =>
  api === "mini-chat" ? { error: body.detail, ...body } : body;
