// Names in sentences. Pure.

export interface CodedPart {
  readonly text: string;
  readonly isCode: boolean;
}

/** A backtick without a second one stays what it is. */
export function codedParts(text: string): CodedPart[] {
  return text
    .split(/(`[^`]+`)/)
    .filter((part) => part !== '')
    .map((part) =>
      /^`[^`]+`$/.test(part)
        ? { text: part.slice(1, -1), isCode: true }
        : { text: part, isCode: false },
    );
}
