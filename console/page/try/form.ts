export const textOf = (form: FormData, name: string): string => String(form.get(name) ?? '').trim();
