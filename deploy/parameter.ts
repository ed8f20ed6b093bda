/** Whether `--param` gave a value; an empty string is none. */
export const isSet = (value: unknown): boolean => value !== '' && value !== undefined && value !== null;

/** A whole number in its range. Throws an error that names the parameter. */
export const whole = (name: string, value: unknown, min: number, max: number): number => {
  const number = Number(value);
  if (!isSet(value) || !Number.isInteger(number) || number < min || number > max) {
    throw new Error(`--param ${name} is not a whole number from ${min} to ${max}`);
  }
  return number;
};
