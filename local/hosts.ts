const loopback = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Whether requests to this host are answered: to any, or to those that ALLOWED_HOSTS lists, such as
 * `chat.example.com, *.example.net`, and to this machine itself.
 */
export function isAllowed(hostname: string, setting = Deno.env.get("ALLOWED_HOSTS") ?? ""): boolean {
  const allowed = setting.toLowerCase().split(/[\s,]+/).filter(Boolean);
  if (allowed.length === 0 || loopback.test(hostname)) return true;
  return allowed.some((name) =>
    name === "*" || (name.startsWith("*.") ? hostname.endsWith(name.slice(1)) : hostname === name)
  );
}
