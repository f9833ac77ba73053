// What can be followed among the words of a manifest. Pure.

/** The address that a text is, where it is one that a browser may follow. */
export function webAddress(text: string): string | null {
  if (!/^https?:\/\//i.test(text)) return null;
  try {
    return new URL(text).href;
  } catch {
    return null;
  }
}
