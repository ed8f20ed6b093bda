/** How work on a peer's bytes ended: `fine`, or the code of a breach of HTTP/2. Any other error goes on. */
export const endOf = (work: () => void): string => {
  try {
    work();
    return 'fine';
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string' || !code.startsWith('H2_')) throw error;
    return code;
  }
};
