/** An error with the code and message of Auth. */
export class AuthError extends Error {
  constructor(readonly status: number, readonly code: string, message: string, readonly details?: object) {
    super(message);
  }
}

export const validationFailed = (message: string, status = 400) => new AuthError(status, "validation_failed", message);
export const userNotFound = () => new AuthError(404, "user_not_found", "User not found");
export const emailExists = () =>
  new AuthError(422, "email_exists", "A user with this email address has already been registered");
export const userExists = () => new AuthError(422, "user_already_exists", "User already registered");
export const userBanned = () => new AuthError(400, "user_banned", "User is banned");
export const unexpectedFailure = (message: string) => new AuthError(500, "unexpected_failure", message);

const API_VERSION = "2024-01-01";

/** The response for an error, in the format of the client's API version. */
export function errorResponse(request: Request, { status, code, message, details }: AuthError): Response {
  const headers = new Headers({ "X-Sb-Error-Code": code });
  if ((request.headers.get("X-Supabase-Api-Version") ?? "") < API_VERSION) {
    return Response.json({ code: status, error_code: code, msg: message, ...details }, { status, headers });
  }
  headers.set("X-Supabase-Api-Version", API_VERSION);
  return Response.json({ code, message, ...details }, { status, headers });
}
