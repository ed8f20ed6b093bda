import { openGrpcComet } from '../../lib/comet/grpc/comet.ts';
import { openHttpComet } from '../../lib/comet/http/comet.ts';
import { createDiscoveryRegistry } from '../../lib/registry/discovery/discovery.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { createFleetReader } from '../../lib/store/fleet.ts';

/** Calls each server that the job knows, once; prints who did not answer. */
const [http = '', grpc = '', discovery = '', dynamodb = ''] = process.argv.slice(2);
const never = new AbortController().signal;
const calls: Readonly<Record<string, () => Promise<unknown>>> = {
  http: () => openHttpComet(http, { callMs: 10_000 }).rooms(never),
  grpc: () => openGrpcComet(grpc, { callMs: 10_000 }).rooms(never),
  discovery: () =>
    createDiscoveryRegistry({ urls: [discovery], appid: 'goim.comet', env: 'dev', zone: undefined }).comets(
      never,
    ),
  dynamodb: () => createFleetReader(openDynamoDb({ endpoint: dynamodb }), 'goim-job-dev-fleet').readHeader(),
};
for (const [name, call] of Object.entries(calls))
  await call().catch((error: Error) => console.log(`${name}: ${error.message}`));
process.exit();
