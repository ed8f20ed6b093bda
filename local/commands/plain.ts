/** What somebody else wrote must neither make lines of its own nor steer a terminal. */
export const plain = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
