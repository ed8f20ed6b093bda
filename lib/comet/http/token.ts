import type { AxiosRequestConfig } from 'axios';
import type { HttpCalls } from '../../http-calls.ts';
import { type Secret, secretFailed } from '../../secret.ts';

/** What a header can hold, without spaces. */
const TOKEN = /^[!-~]+$/;

/** A secret's text as a bearer token. Throws `SECRET_FAILED`. */
export const parseToken = (text: string): string => {
  if (TOKEN.test(text) && !text.startsWith('{')) return text;
  throw secretFailed('is not a token: it must be the token alone, without JSON around it');
};

const withToken = (config: AxiosRequestConfig, token: string): AxiosRequestConfig => ({
  ...config,
  headers: { ...config.headers, Authorization: `Bearer ${token}` },
});

/** The same calls with the token; one that is refused is made again if there is another token by now. */
export const authorize = (calls: HttpCalls, token: Secret<string>): HttpCalls => ({
  request: async (config, signal) => {
    const first = await token.value(signal);
    const answer = await calls.request(withToken(config, first), signal);
    if (answer.status !== 401) return answer;
    const second = await token.valueAfter(first, signal);
    return second === first ? answer : calls.request(withToken(config, second), signal);
  },
  close: calls.close,
});
