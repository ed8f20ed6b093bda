import type { Log, LogFields } from '../log.ts';

/** Says what goes wrong when it begins and when it ends, not each second in between. */
export interface MergeReport {
  /** `problem` undefined: all is well with the subject. */
  state(subject: string, problem: string | undefined, fields?: LogFields): void;
  /** What is gone is neither well nor ill. */
  forget(subject: string): void;
}

export const createMergeReport = (log: Log): MergeReport => {
  const problemBySubject = new Map<string, string>();
  return {
    state: (subject, problem, fields = {}) => {
      const before = problemBySubject.get(subject);
      if (problem === before) return;
      if (problem === undefined) {
        problemBySubject.delete(subject);
        log.info('well again', { subject, ...fields });
        return;
      }
      problemBySubject.set(subject, problem);
      log.warn(problem, { subject, ...fields });
    },
    forget: (subject) => {
      problemBySubject.delete(subject);
    },
  };
};
