import { createContext, useContext } from 'react';
import type { Method } from './methods.js';

export type Role = 'operator' | 'warehouse' | 'finance' | 'admin' | 'viewer';

/** Who is signed in, and what that person may do. */
export interface Session {
  readonly user: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Full names of the methods that may be asked. */
  readonly methods: readonly string[];
  readonly sees: { readonly personalData: boolean };
  readonly locale?: string;
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** Who is signed in. Only below the shell, where somebody always is. */
export const useSession = (): Session => {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession is asked outside of the shell');
  return session;
};

/** What a page or a button needs: a method, or a role. */
export type Need = Method | Role;

export const allows = (session: Session, need: Need): boolean => (need.includes('/') ? session.methods.includes(need) : session.roles.includes('admin') || session.roles.includes(need as Role));

/** Whether the signed-in person may: buttons that may not be pressed are not shown. */
export const useMay = (need: Need): boolean => allows(useSession(), need);
