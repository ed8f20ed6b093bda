import { expect, onTestFinished, test } from 'vitest';
import { createOpenComet } from '../../functions/open-comet.ts';
import { DELIVERED } from '../../lib/domain/outcome.ts';
import { startReferenceComet } from '../../local/comet/reference-comet.ts';
import { roomOp } from '../comet/contract.ts';
import { recordLog } from '../log.ts';

const never = new AbortController().signal;

test('a secret is read for the comets that are shown it, and for no other', async () => {
  const comet = await startReferenceComet({
    id: 'c',
    host: '127.0.0.1',
    clientPort: 0,
    apiPort: 0,
    grpcPort: 0,
  });
  const log = recordLog();
  const nowhere = { COMET_TOKEN_SECRET: '/nowhere/token', COMET_TLS_SECRET: '/nowhere/tls' };
  const open = createOpenComet({ COMET_TOKEN: undefined, ...nowhere }, log);
  const deliver = async (address = '') => {
    const opened = open({ id: 'c', addresses: [address] });
    onTestFinished(() => opened.close());
    const [outcome] = await opened.deliver([roomOp(1)], never);
    return outcome;
  };
  onTestFinished(() => comet.close());
  expect(await deliver(comet.grpcUrl)).toEqual(DELIVERED);
  for (const address of [comet.apiUrl, 'https://127.0.0.1:9', 'grpcs://127.0.0.1:9'])
    expect(await deliver(address)).toMatchObject({
      code: 'SECRET_FAILED',
      detail: expect.stringContaining('ENOENT'),
    });
  expect(log.lines).toMatchObject([
    { level: 'warn', fields: { code: 'SECRET_FAILED', secret: '/nowhere/token' } },
    { level: 'warn', fields: { code: 'SECRET_FAILED', secret: '/nowhere/tls' } },
  ]);
});
