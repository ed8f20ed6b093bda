import type { AxiosResponse } from 'axios';
import fc from 'fast-check';

/** Answers as the HTTP client hands them over; most say that they are JSON. */
export const httpAnswers = (bodies: fc.Arbitrary<Buffer>): fc.Arbitrary<AxiosResponse<Buffer>> => {
  const type = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom('application/json', 'application/json; charset=utf-8', 'Application/JSON'),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('text/html', 'application/jsonp', '', undefined, ['application/json'], 5),
    },
  );
  return fc
    .tuple(type, bodies)
    .map(
      ([contentType, data]) =>
        ({ status: 200, headers: { 'content-type': contentType }, data }) as unknown as AxiosResponse<Buffer>,
    );
};

const isJson = ({ headers }: AxiosResponse<Buffer>): boolean => {
  const type: unknown = headers['content-type'];
  return typeof type === 'string' && type.split(';')[0]?.trim().toLowerCase() === 'application/json';
};

/** The JSON of an answer; undefined if it is none. */
export const jsonOf = (answer: AxiosResponse<Buffer>): unknown => {
  try {
    return isJson(answer)
      ? JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(answer.data))
      : undefined;
  } catch {
    return undefined;
  }
};
