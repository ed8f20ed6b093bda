import { startDiscoveryStub } from '../registry/discovery/stub.ts';
import type { ChaosComet } from './comets.ts';

export type RegistryKind = 'static' | 'discovery';

/** What says who is in the fleet. */
export interface Registry {
  readonly kind: RegistryKind;
  /** For mergeRooms: what a deploy would set now. */
  env(): Record<string, string>;
  /** Says what the comets' addresses are now. */
  refresh(): void;
  hide(id: string): void;
  show(id: string): void;
  /** Answers nothing of use; only discovery can. */
  fail(how: 'hang' | 'reset' | 'protected'): void;
  recover(): void;
  close(): Promise<void>;
}

/** A deploy with other COMETS: the merge that runs ends first. */
const openStatic = (comets: readonly ChaosComet[]): Registry => {
  const hidden = new Set<string>();
  let value = '';
  const refresh = () => {
    const named = comets.filter(({ id }) => !hidden.has(id)).map((comet) => [comet.id, [comet.address()]]);
    value = JSON.stringify(Object.fromEntries(named));
  };
  refresh();
  return {
    kind: 'static',
    env: () => ({ REGISTRY: 'static', COMETS: value }),
    refresh,
    hide: (id) => {
      hidden.add(id);
      refresh();
    },
    show: (id) => {
      hidden.delete(id);
      refresh();
    },
    fail: () => {},
    recover: () => {},
    close: async () => {},
  };
};

const openDiscovery = async (comets: readonly ChaosComet[]): Promise<Registry> => {
  const stub = await startDiscoveryStub({ host: '127.0.0.1', port: 0 });
  const hidden = new Set<string>();
  const refresh = () =>
    stub.setInstances(
      comets
        .filter(({ id }) => !hidden.has(id))
        .map((comet) => ({ hostname: comet.id, addrs: [comet.address()] })),
    );
  refresh();
  return {
    kind: 'discovery',
    env: () => ({ REGISTRY: 'discovery', DISCOVERY_URLS: stub.url, DISCOVERY_ENV: 'dev' }),
    refresh,
    hide: (id) => {
      hidden.add(id);
      refresh();
    },
    show: (id) => {
      hidden.delete(id);
      refresh();
    },
    fail: (how) => stub.fail(how),
    recover: () => stub.fail(),
    close: () => stub.close(),
  };
};

export const openRegistry = async (kind: RegistryKind, comets: readonly ChaosComet[]): Promise<Registry> =>
  kind === 'static' ? openStatic(comets) : await openDiscovery(comets);
