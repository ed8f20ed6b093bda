import { connect } from '../connect.ts';
import { runCommand } from '../run-command.ts';
import { openStage } from '../stage.ts';
import type { Terminal } from '../terminal.ts';
import { DEAD_LETTERS_USAGE, type LetterCommand, readLetterArguments } from './arguments.ts';
import { listLetters } from './list.ts';
import { purgeLetters } from './purge.ts';
import { replayLetters } from './replay.ts';
import type { ReplayDeps } from './replay-queue.ts';
import { showLetter } from './show.ts';

/** False if something is left to do. */
const perform = async (command: LetterCommand, deps: ReplayDeps): Promise<boolean> => {
  const { letters, terminal } = deps;
  switch (command.name) {
    case 'list':
      await listLetters(letters, command, terminal);
      return true;
    case 'show':
      return showLetter(letters, command.id, terminal);
    case 'replay':
      return replayLetters(deps, command);
    case 'purge':
      await purgeLetters(letters, command, terminal);
      if (!command.confirmed) terminal.err('--yes deletes them');
      return true;
  }
};

const interruption = new AbortController();
const terminal: Terminal = {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  now: Date.now,
  signal: interruption.signal,
};

// The first Ctrl-C ends after what is under way, the next one at once.
process.once('SIGINT', () => interruption.abort());
// Whoever reads a part of the list, such as head, is done.
process.stdout.on('error', () => process.exit());

await runCommand(async () => {
  const asked = readLetterArguments(process.argv.slice(2));
  if (asked === undefined) {
    terminal.out(DEAD_LETTERS_USAGE);
    return true;
  }
  const stage = openStage(asked.place);
  try {
    return await perform(asked.command, connect(stage, terminal));
  } finally {
    stage.close();
  }
}, terminal);
