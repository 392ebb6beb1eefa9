// @ts-check

/**
 * @typedef {{
 *   id: string,
 *   name: string,
 *   hosts: string[],
 *   pages: string[],
 *   frames: boolean,
 * }} Site a call service. Hosts that begin with a point stand for all below them; pages are match patterns of where our
 *   scripts run; frames: whether the call itself runs in a frame of the page
 */

/** @type {readonly Site[]} all that can be switched on: the same as in the manifest's optional_host_permissions */
export const SITES = [
  { id: "meet", name: "Google Meet", hosts: ["meet.google.com"], pages: ["https://meet.google.com/*"], frames: false },
  { id: "zoom", name: "Zoom", hosts: [".zoom.us"], pages: ["https://*.zoom.us/wc/*"], frames: true },
  {
    id: "teams",
    name: "Microsoft Teams",
    hosts: ["teams.microsoft.com", "teams.live.com", "teams.cloud.microsoft"],
    pages: ["https://teams.microsoft.com/*", "https://teams.live.com/*", "https://teams.cloud.microsoft/*"],
    frames: true,
  },
  { id: "jitsi", name: "Jitsi Meet", hosts: ["meet.jit.si"], pages: ["https://meet.jit.si/*"], frames: false },
];

/**
 * What the browser is asked for when a site is switched on.
 *
 * @param {Site} site
 */
export function originsOf(site) {
  return site.hosts.map((host) => `https://${host.startsWith(".") ? "*" : ""}${host}/*`);
}

/**
 * The site that an origin belongs to: https at the usual port only.
 *
 * @param {string | undefined} origin
 */
export function siteOf(origin) {
  if (!origin || !URL.canParse(origin)) {
    return undefined;
  }
  const { protocol, port, hostname } = new URL(origin);
  if (protocol !== "https:" || port !== "") {
    return undefined;
  }
  return SITES.find(({ hosts }) =>
    hosts.some((host) => (host.startsWith(".") ? hostname.endsWith(host) : hostname === host)),
  );
}
