import { settings } from "../settings/settings.ts";

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/;

/** A host without its port, as it is compared. */
const hostnameOf = (host: string) => host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");

/**
 * Whether ALLOWED_HOSTS lists a host. As in Django, `.example.com` stands for a domain and its subdomains;
 * `*.example.com` stands for these alone.
 */
export function isListedHost(host: string): boolean {
  const hostname = hostnameOf(host);
  return settings.allowedHosts().some((listed) => {
    if (listed.startsWith("*.")) return hostname.endsWith(listed.slice(1));
    return listed.startsWith(".") ? `.${hostname}`.endsWith(listed) : hostname === listed;
  });
}

/** Whether requests to a host are answered: any while the setting lists none or `*`, and this machine itself always. */
export function isAllowedHost(host: string): boolean {
  const listed = settings.allowedHosts();
  return listed.length === 0 || listed.includes("*") || LOOPBACK.test(hostnameOf(host)) || isListedHost(host);
}

/** The response for any other host, as Django sends it. */
export function refuseHost(host: string): Response {
  const detail = `Invalid HTTP_HOST header: '${host}'. You may need to add it to ALLOWED_HOSTS.`;
  return Response.json({ detail }, { status: 400, headers: { "X-Content-Type-Options": "nosniff" } });
}
