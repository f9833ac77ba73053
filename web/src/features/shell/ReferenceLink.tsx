// `namespace/name@version` as a link to the release.

import { Link } from '@tanstack/react-router';
import { parseReference } from '@/api/reference';

export function ReferenceLink({ reference }: { readonly reference: string }) {
  const parts = parseReference(reference);
  if (!parts) return <span>{reference}</span>;
  return (
    <Link to="/modules/$namespace/$name/$version" params={parts}>
      {parts.namespace}/{parts.name}@{parts.version}
    </Link>
  );
}

export function ModuleLink({ module }: { readonly module: string }) {
  const [namespace = '', name = ''] = module.split('/');
  return (
    <Link to="/modules/$namespace/$name" params={{ namespace, name }}>
      {module}
    </Link>
  );
}
