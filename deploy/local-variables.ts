/** Variables of the local set, and what there is instead for a set that is deployed. */
const PARAMETER_BY_VARIABLE = {
  COMET_TOKEN: 'cometTokenSecretArn',
  COMET_TOKEN_SECRET: 'cometTokenSecretArn',
  COMET_TLS_SECRET: 'cometTlsSecretArn',
} as const;

/** Secrets in the shell that deploys: in a template anyone who sees the stack could read them. */
export const localVariableProblems = (shell: NodeJS.ProcessEnv): string[] =>
  Object.entries(PARAMETER_BY_VARIABLE).flatMap(([variable, parameter]) =>
    (shell[variable] ?? '') === ''
      ? []
      : [
          `${variable} is for npm start alone: unset it, put the secret into Secrets Manager, and deploy with --param ${parameter}=<its ARN>`,
        ],
  );
