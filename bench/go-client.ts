import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { buildGoPeer } from '../test/grpc-go/go-peer.ts';
import type { Peers } from './peers.ts';

/** Go's own gRPC client, that of goim v2.0.0, as a group of one row: what a call costs goim's job. Only where there is a Go. */
export const hasGo = (): boolean => {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

if (import.meta.main) {
  const { grpcComet } = JSON.parse(process.argv[3] ?? '{}') as Peers;
  const { program, close } = buildGoPeer('1.22.3');
  process.once('exit', close);
  const client = spawn(program, ['load', '-address', new URL(grpcComet).host], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: client.stdout });
  await once(lines, 'line');
  process.on('disconnect', () => {
    client.kill();
    process.exit();
  });
  process.on('message', async ({ ms }: { ms: number }) => {
    const said = once(lines, 'line');
    client.stdin.write(`${ms}\n`);
    const [line] = (await said) as [string];
    process.send?.(Number(line));
  });
  process.send?.([
    { id: 'grpc-go', title: 'gRPC: Go’s own client (grpc-go 1.22.3), 64 in flight', unit: 'call' },
  ]);
}
