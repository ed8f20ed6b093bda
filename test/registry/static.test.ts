import { describe, expect, it } from 'vitest';
import { createStaticRegistry } from '../../lib/registry/static.ts';

describe('the static registry', () => {
  it('names the comets of the configuration, with their addresses in order', async () => {
    const registry = createStaticRegistry({
      'comet-1': ['https://b:8443', 'grpc://a:3109'],
      'comet-2': ['http://c'],
    });
    expect(await registry.comets()).toEqual({
      comets: [
        { id: 'comet-1', addresses: ['https://b:8443', 'grpc://a:3109'] },
        { id: 'comet-2', addresses: ['http://c'] },
      ],
      refused: [],
    });
  });

  it('refuses a bad entry by itself (goim J13)', async () => {
    const registry = createStaticRegistry({ bad: ['tcp://x:1'], good: ['http://y'] });
    expect(await registry.comets()).toEqual({
      comets: [{ id: 'good', addresses: ['http://y'] }],
      refused: [{ id: 'bad', problem: 'address 1 is not an http, https, grpc, grpcs or gorpc URL' }],
    });
  });
});
