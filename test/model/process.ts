import { type Answer, bitOf, type Call, pidOf } from './calls.ts';

/** Asks the world; settles when the explorer lets the call be answered. */
export type Ask = (call: Call) => Promise<Answer>;

/** Real code over ports that ask. */
export type Program = (ask: Ask) => Promise<void>;

/**
 * Where a process stands: what it was answered since it began, in that order. The code is deterministic, so that is its
 * whole state, and it is run again only where no exploration has been.
 */
export interface Place {
  readonly id: number;
  /** What it waits for, by the number of the call. */
  readonly pending: ReadonlyMap<number, Call>;
  readonly end: 'none' | 'resolved' | 'rejected';
  readonly sleeps: number;
  /** The parking processes whose random names it knows: a bit each. */
  readonly known: number;
  /** The same for places that differ in the names they were answered only; those are in `names`. */
  readonly shape: number;
  readonly names: readonly string[];
  readonly program: Program;
  readonly root: string;
  readonly answers: readonly (readonly [call: number, answer: Answer])[];
  readonly next: Map<string, Place>;
}

let places = 0;

/** How many places all processes have been seen in. */
export const placeCount = (): number => places;

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const replay = async (
  program: Program,
  answers: Place['answers'],
): Promise<Pick<Place, 'pending' | 'end' | 'sleeps'>> => {
  const pending = new Map<number, Call>();
  const resolveByCall: ((answer: Answer) => void)[] = [];
  let end: Place['end'] = 'none';
  let failure: unknown;
  const ask: Ask = (call) => {
    pending.set(resolveByCall.length, call);
    return new Promise((resolve) => resolveByCall.push(resolve));
  };
  program(ask).then(
    () => {
      end = 'resolved';
    },
    (error: unknown) => {
      end = 'rejected';
      failure = error;
    },
  );
  await settled();
  let sleeps = 0;
  for (const [call, answer] of answers) {
    if (pending.get(call)?.kind === 'sleep') sleeps += 1;
    pending.delete(call);
    resolveByCall[call]?.(answer);
    await settled();
  }
  if (failure !== undefined && !(failure instanceof Error && 'retryable' in failure)) throw failure;
  return { pending, end, sleeps };
};

/** `3.0`, `00…1#3.0`: the names that process 3 gave. */
const NAMES = /(?:\d+#)?(?:\d+\.\d+'?|x)/g;

const shapeByText = new Map<string, number>();

const shapeOf = (root: string, answers: Place['answers']): Pick<Place, 'shape' | 'names' | 'known'> => {
  const names: string[] = [];
  let known = 0;
  const text = JSON.stringify(answers).replaceAll(NAMES, (name) => {
    known |= bitOf(pidOf(name));
    if (!names.includes(name)) names.push(name);
    return `~${names.indexOf(name)}`;
  });
  const shape = shapeByText.get(root + text) ?? shapeByText.size;
  shapeByText.set(root + text, shape);
  return { shape, names, known };
};

const placeOf = async (root: string, program: Program, answers: Place['answers']): Promise<Place> => {
  const { pending, end, sleeps } = await replay(program, answers);
  places += 1;
  return {
    id: places,
    pending,
    end,
    sleeps,
    ...shapeOf(root, answers),
    root,
    program,
    answers,
    next: new Map(),
  };
};

/** `root` says which program it is, but not the random names that it gives. */
export const startPlace = (root: string, program: Program): Promise<Place> => placeOf(root, program, []);

/** The exploration comes to a place for the first time: `see` runs the code, then the step can be taken again. */
export class Unseen {
  readonly see: () => Promise<void>;
  constructor(see: () => Promise<void>) {
    this.see = see;
  }
}

const nameOf = (answer: Answer): string => {
  switch (answer.kind) {
    case 'none':
    case 'unanswered':
      return answer.kind;
    case 'held':
      return answer.held ? 'y' : 'n';
    case 'said':
      return answer.said.join();
    case 'marks':
      return answer.marks.map(({ through, token }) => `${through}:${token}`).join();
    case 'runs':
      return answer.runs.map(({ key, offsets }) => `${key.slice(19)}:${offsets.join('.')}`).join();
  }
};

const see = async (place: Place, key: string, call: number, answer: Answer): Promise<void> => {
  const { root, program, answers } = place;
  place.next.set(key, await placeOf(root, program, [...answers, [call, answer]]));
};

/** Where the process stands once this call is answered so. Throws `Unseen`. */
export const answerPlace = (place: Place, call: number, answer: Answer): Place => {
  const key = call + nameOf(answer);
  const known = place.next.get(key);
  if (known !== undefined) return known;
  throw new Unseen(() => see(place, key, call, answer));
};
