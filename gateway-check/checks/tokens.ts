import { whetherStatus } from '../answers.ts';
import { type Check, firstFinding } from '../check.ts';
import type { Gateway } from '../gateway.ts';

const bothPaths = ({ name, ops, post, rooms }: Gateway, authorization: string | undefined, how: string) =>
  firstFinding([
    async () =>
      whetherStatus(await post({ ops: [ops.room(name)] }, { authorization }), 401, `POST /v1/ops ${how}`),
    async () => whetherStatus(await rooms({ authorization }), 401, `GET /v1/rooms ${how}`),
  ]);

/** Of a gateway that has a token. */
export const tokenChecks: readonly Check[] = [
  {
    id: 'no-token',
    says: 'a request without the token is answered 401',
    needs: ['token'],
    run: (gateway) => bothPaths(gateway, undefined, 'without a token'),
  },
  {
    id: 'wrong-token',
    says: 'a request with a wrong token is answered 401',
    needs: ['token'],
    run: (gateway) => bothPaths(gateway, `Bearer ${gateway.token}x`, 'with the token and a letter more'),
  },
  {
    id: 'other-scheme',
    says: 'a request with the token that is no bearer token is answered 401',
    needs: ['token'],
    run: (gateway) => bothPaths(gateway, `${gateway.token}`, 'with the token alone'),
  },
  {
    id: 'token-applied',
    says: 'nothing is applied of a request that is answered 401',
    needs: ['token', 'clients'],
    run: async ({ ops, connect, post }) => {
      const client = await connect();
      const came = await post({ ops: [ops.push([client.key], 'push')] }, { authorization: 'Bearer wrong' });
      const received = await client.received();
      return typeof came !== 'string' && came.status === 401 && received.length > 0
        ? {
            sent: 'POST /v1/ops: a push, with a wrong token',
            came: `401, and the client has ${received}`,
            wanted: '401, and nothing',
          }
        : undefined;
    },
  },
];
