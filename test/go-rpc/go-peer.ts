import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** One packet that one target was given, as the peer says it. */
export interface Applied {
  readonly Target: string;
  readonly Ver: number;
  readonly Operation: number;
  /** Base64. */
  readonly Body: string;
}

export interface GoComet {
  /** Like `127.0.0.1:4711`. */
  readonly address: string;
  readonly applied: readonly Applied[];
  close(): Promise<void>;
}

/** The program of test/go-rpc/peer, built. */
export interface GoPeer {
  serve(...flags: string[]): Promise<GoComet>;
  /** What `ask` or `load` prints. Rejects if it fails. */
  run(command: 'ask' | 'load', ...flags: string[]): Promise<unknown>;
  close(): void;
}

/** Needs a Go, of which it takes the standard library alone. */
export const buildGoPeer = (): GoPeer => {
  const folder = mkdtempSync(path.join(tmpdir(), 'go-peer-'));
  const program = path.join(folder, 'peer');
  execFileSync('go', ['build', '-o', program, 'test/go-rpc/peer/main.go'], { stdio: 'inherit' });
  return {
    serve: async (...flags) => {
      const child = spawn(program, ['serve', ...flags], { stdio: ['pipe', 'pipe', 'inherit'] });
      const lines = createInterface({ input: child.stdout });
      const applied: Applied[] = [];
      const [address] = (await once(lines, 'line')) as [string];
      lines.on('line', (line) => applied.push(JSON.parse(line) as Applied));
      return {
        address,
        applied,
        close: async () => {
          const ended = once(child, 'exit');
          child.stdin.end();
          await ended;
        },
      };
    },
    run: async (command, ...flags) => {
      const child = spawn(program, [command, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [[line], [code]] = (await Promise.all([
        once(createInterface({ input: child.stdout }), 'line'),
        once(child, 'exit'),
      ])) as [[string], [number]];
      if (code !== 0) throw new Error(`the Go peer ended with ${code}`);
      return JSON.parse(line);
    },
    close: () => rmSync(folder, { recursive: true }),
  };
};
