const EXAMPLES = {
  COMETS: 'COMETS=\'{"comet-1":["http://…"]}\'',
  DISCOVERY_URLS: 'DISCOVERY_URLS=http://…:7171',
  DISCOVERY_ENV: 'DISCOVERY_ENV=prod',
};

/** A warning of what the registry of `mergeRooms` needs and does not have: a fleet can also be configured after the deploy. */
export const unsetOfRegistry = (environment: Readonly<Record<string, string>>): string | undefined => {
  const isDiscovery = environment['REGISTRY'] === 'discovery';
  const needed = isDiscovery ? (['DISCOVERY_URLS', 'DISCOVERY_ENV'] as const) : (['COMETS'] as const);
  const unset = needed.filter((name) => environment[name] === '');
  if (unset.length === 0) return undefined;
  const examples = unset.map((name) => EXAMPLES[name]).join(' ');
  return `${unset.join(' and ')} ${unset.length === 1 ? 'is' : 'are'} not set, so mergeRooms will find no comet: ${examples}`;
};
