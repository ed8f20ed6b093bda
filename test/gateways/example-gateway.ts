import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { WAITS } from '../../gateway-check/arguments.ts';
import { openPlainClient } from '../../gateway-check/clients/plain.ts';
import { linesOf } from '../../gateway-check/report.ts';
import { type Result, runChecks } from '../../gateway-check/run.ts';
import { DEADLINES } from './deadlines.ts';

const TOKEN = 'secret';

/** Starts one of examples/, checks it, and ends it. Answers what is not well, in lines, and which checks could not look. */
export const checkExample = async (program: string, ...args: string[]) => {
  const environment = { ...process.env, PORT: '0', COMET_TOKEN: TOKEN };
  const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const address = line.replace('listening on ', '');
    const options = {
      url: `http://${address}`,
      token: TOKEN,
      openClient: openPlainClient(`ws://${address}/?key={key}&room={room}`),
      hasOperations: false,
      waits: { ...WAITS, ...DEADLINES },
    };
    const results: Result[] = [];
    for await (const result of runChecks(options)) results.push(result);
    const idsOf = (status: Result['status']) => results.filter((result) => result.status === status);
    return {
      failed: idsOf('failed').flatMap(linesOf),
      skipped: idsOf('skipped').map(({ check }) => check.id),
    };
  } finally {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  }
};
