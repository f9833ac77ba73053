// `namespace/name@version`, as the API writes it.

export interface Reference {
  readonly namespace: string;
  readonly name: string;
  readonly version: string;
}

/** The parts of a reference; null for what is none, as the name of a model of another place. */
export function parseReference(text: string): Reference | null {
  const match = /^([^/@]+)\/([^/@]+)@([^/@]+)$/.exec(text);
  const [, namespace, name, version] = match ?? [];
  return namespace && name && version ? { namespace, name, version } : null;
}
