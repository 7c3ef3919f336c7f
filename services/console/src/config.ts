import { isPasswordHash } from '@flotilla/values';
import { z } from 'zod';
import { roles } from './methods.js';

const key32 = z.string().refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in base64');

/** Names that stand in events and logs, and travel in a header. */
export const userName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,59}$/, 'must be 1 to 60 letters, digits and . _ @ + -');

const user = z.strictObject({
  user: userName,
  name: z.string().min(1).max(80).optional(),
  roles: z.array(z.enum(roles)).min(1),
  password: z.string().refine(isPasswordHash, 'must be a hash that "npm run console:user" makes'),
  locale: z.enum(['en', 'zh-CN']).optional(),
});
export type LocalUser = z.infer<typeof user>;

const users = z.string().transform((text, context): LocalUser[] => {
  try {
    const found = z.array(user).parse(JSON.parse(text));
    if (new Set(found.map((one) => one.user.toLowerCase())).size < found.length) throw new Error('two users of one name');
    return found;
  } catch (error) {
    const why = error instanceof z.ZodError ? error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ') : error instanceof SyntaxError ? 'must be JSON' : (error as Error).message;
    context.addIssue({ code: 'custom', message: why });
    return z.NEVER;
  }
});

export const consoleConfig = {
  FLOTILLA_CONSOLE_KEY: key32.describe('seals the sessions of those who are signed in; another key signs everybody out'),
  FLOTILLA_CONSOLE_USERS: users.default([]).describe('local users as JSON: [{"user","name","roles","password","locale"}], each made by "npm run console:user"'),
  FLOTILLA_PUBLIC_URL: z.string().url().optional().describe('where browsers find the console; without it a request’s own Host is taken for that'),
  FLOTILLA_OIDC_ISSUER: z.string().url().optional().describe('OpenID provider that signs people in'),
  FLOTILLA_OIDC_CLIENT_ID: z.string().optional().describe('how the provider knows the console'),
  FLOTILLA_OIDC_CLIENT_SECRET: z.string().optional().describe('shared with the provider'),
  FLOTILLA_OIDC_USER_CLAIM: z.string().default('preferred_username').describe('claim that names the person'),
  FLOTILLA_OIDC_ROLES_CLAIM: z.string().default('roles').describe('claim with the person’s roles: viewer, operator, warehouse, finance, admin, also behind "flotilla-"'),
} as const satisfies z.ZodRawShape;

export type ConsoleConfig = z.infer<z.ZodObject<typeof consoleConfig>>;
