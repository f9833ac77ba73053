// Where to go after signing in. Pure.

/** The address of the page that signs in and then leads back. */
export function signInPath(from: string): string {
  const back = safePath(from);
  return back === '/' ? '/sign-in' : `/sign-in?then=${encodeURIComponent(back)}`;
}

/** That address if it is a page of ours, else the front door: nobody is led elsewhere. */
export function safePath(wanted: unknown): string {
  if (typeof wanted !== 'string' || !/^\/(?![/\\])/.test(wanted)) return '/';
  const base = 'http://cambium.invalid';
  let url: URL;
  try {
    url = new URL(wanted, base);
  } catch {
    return '/';
  }
  // Browsers drop tabs and line breaks, and so could find a second slash.
  if (url.origin !== base || url.pathname.startsWith('//')) return '/';
  if (url.pathname === '/sign-in') return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}
