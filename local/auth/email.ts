import { validationFailed } from "./errors.ts";

const LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
/** As the platform's Auth checks it: a host without a dot is valid. */
const EMAIL = new RegExp(`^[a-z0-9.!#$%&'*+/=?^_\`{|}~-]+@${LABEL}(\\.${LABEL})*$`);

/**
 * An email address as Auth stores it: in lowercase.
 * @throws AuthError validation_failed
 */
export function validEmail(email: string): string {
  const address = email.toLowerCase();
  if (address === "") throw validationFailed("An email address is required");
  if (address.length > 255) throw validationFailed("An email address is too long");
  if (!EMAIL.test(address)) throw validationFailed("Unable to validate email address: invalid format");
  return address;
}
