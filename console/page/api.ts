import { token } from './token.ts';

export interface Problem {
  readonly problem: string;
}

export const isProblem = (answer: unknown): answer is Problem =>
  typeof answer === 'object' && answer !== null && 'problem' in answer;

const read = async (response: Response): Promise<unknown> => {
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok || isProblem(answer)) return answer;
  return { problem: `the console answered ${response.status}` };
};

const ask = async <T>(path: string, init: RequestInit): Promise<T | Problem> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  try {
    return (await read(await fetch(`/api/${path}`, { ...init, headers }))) as T | Problem;
  } catch {
    return { problem: 'the console does not answer: has its command ended?' };
  }
};

export const get = <T>(path: string): Promise<T | Problem> => ask<T>(path, {});

export const post = <T>(path: string, body: unknown = {}): Promise<T | Problem> =>
  ask<T>(path, { method: 'POST', body: JSON.stringify(body) });
