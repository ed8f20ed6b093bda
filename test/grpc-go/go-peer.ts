import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** Of google.golang.org/grpc: what goim v2.0.0 has, and a current one. */
export type GrpcGo = '1.22.3' | 'current';

const FOLDER = path.join(import.meta.dirname, 'peer');
const MOD_FILE: Readonly<Record<GrpcGo, string>> = { '1.22.3': 'grpc-1.22.3.mod', current: 'go.mod' };

/** The program of test/grpc-go/peer. */
export interface GoPeer {
  readonly program: string;
  close(): void;
}

/** Needs a Go, and its module proxy once. */
export const buildGoPeer = (version: GrpcGo): GoPeer => {
  const folder = mkdtempSync(path.join(tmpdir(), 'grpc-go-'));
  const program = path.join(folder, 'peer');
  execFileSync('go', ['build', `-modfile=${MOD_FILE[version]}`, '-o', program, '.'], {
    cwd: FOLDER,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return { program, close: () => rmSync(folder, { recursive: true }) };
};

/** One call that the comet was given. */
export interface GoCall {
  readonly Method: 'PushMsg' | 'BroadcastRoom' | 'Broadcast';
  /** The request, base64. */
  readonly Body: string;
}

export interface GoComet {
  /** Like `127.0.0.1:4711`. */
  readonly address: string;
  readonly calls: readonly GoCall[];
  close(): Promise<void>;
}

export const serveGoComet = async ({ program }: GoPeer, ...flags: string[]): Promise<GoComet> => {
  const child = spawn(program, ['serve', ...flags], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const calls: GoCall[] = [];
  const [address] = (await once(lines, 'line')) as [string];
  lines.on('line', (line) => calls.push(JSON.parse(line) as GoCall));
  return {
    address,
    calls,
    close: async () => {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
};
