import { whetherStatus } from '../answers.ts';
import { type Check, type Finding, firstFinding } from '../check.ts';
import type { Gateway } from '../gateway.ts';

const bothPaths = ({ name, ops, post, rooms }: Gateway, authorization: string | undefined, how: string) => {
  const headers = { 'content-type': 'application/json', authorization };
  return firstFinding([
    async (): Promise<Finding | undefined> =>
      whetherStatus(await post({ ops: [ops.room(name)] }, headers), 401, `POST /v1/ops ${how}`),
    async () => whetherStatus(await rooms({ authorization }), 401, `GET /v1/rooms ${how}`),
  ]);
};

/** Of a gateway that has a token. */
export const tokenChecks: readonly Check[] = [
  {
    id: 'no-token',
    says: 'a request without the token is answered 401',
    needs: 'token',
    run: (gateway) => bothPaths(gateway, undefined, 'without a token'),
  },
  {
    id: 'wrong-token',
    says: 'a request with a wrong token is answered 401',
    needs: 'token',
    run: (gateway) => bothPaths(gateway, 'Bearer gateway-check', 'with another token'),
  },
];
