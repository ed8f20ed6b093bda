import { type RegistryAnswer, readEntries } from '../domain/comet-entry.ts';

/** The fleet as the configuration names it: comet id to addresses. */
export const createStaticRegistry = (
  addressesById: Readonly<Record<string, readonly string[]>>,
): { readonly query: { readonly registry: 'static' }; comets(): Promise<RegistryAnswer> } => {
  const answer = readEntries(Object.entries(addressesById).map(([id, addresses]) => ({ id, addresses })));
  return { query: { registry: 'static' }, comets: async () => answer };
};
