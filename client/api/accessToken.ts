/** The token a server that listens beyond this machine asks for; it comes once with the address and stays in the tab. */

const KEY = "distillery.token";

/** Takes `?token=` out of an address, so that it is neither bookmarked nor shared, remembers it, and returns the rest. */
export function adoptToken(href: string, storage: Pick<Storage, "setItem">): string {
  const url = new URL(href);
  const token = url.searchParams.get("token");
  if (!token) return href;
  storage.setItem(KEY, token);
  url.searchParams.delete("token");
  return url.href;
}

export const accessToken = (): string | null => sessionStorage.getItem(KEY);
