import vectors from './vectors/goim.json' with { type: 'json' };

/** goim's own byte strings; hex unless the name ends in B64. */
export const goim = vectors;

export const pushMsgVector = (name: string) => {
  const found = goim.pushMsgV2.find((vector) => vector.name.startsWith(name));
  if (found === undefined) throw new Error(`no vector ${name}`);
  return found;
};
