import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { api, asRpcError, Failed, Loading, onSignedOut, queryClient, SessionContext, setLocale, startLive, stopLive, type Session } from '../kit/index.js';

interface Who {
  /** Undefined for whoever is not signed in. */
  readonly session: Session | undefined;
  /** Where others are asked who it is, if they are. */
  readonly oidc: string | undefined;
}

const SignIn = lazy(() => import('./sign-in.js').then((part) => ({ default: part.SignIn })));

const key = ['session'] as const;
const whoIsHere = {
  queryKey: key,
  staleTime: 60_000,
  queryFn: (): Promise<Who> =>
    api<Session>('GET', '/api/session').then(
      (session) => ({ session, oidc: undefined }),
      (thrown: unknown) => {
        const refused = asRpcError(thrown);
        if (refused.reason !== 'UNAUTHENTICATED') throw refused;
        return { session: undefined, oidc: refused.metadata['oidc'] === 'true' ? '/api/session/oidc' : undefined };
      },
    ),
};

// Asked while the page is put together.
void queryClient.prefetchQuery(whoIsHere);

export const refreshSession = (): Promise<void> => queryClient.invalidateQueries({ queryKey: key });

/** Signs out, and forgets what the person has seen. */
export const signOut = async (): Promise<void> => {
  await api('DELETE', '/api/session');
  stopLive();
  queryClient.clear();
  await refreshSession();
};

/** Shows the console to whoever is signed in, and the way in to others. The page behind stays: after signing in again one is where one was. */
export const WithSession = ({ children }: { readonly children: ReactNode }) => {
  const [over, setOver] = useState(false);
  const { data, error, isPending, refetch } = useQuery(whoIsHere);
  useEffect(() => onSignedOut(() => setOver(true)), []);
  const signedIn = data?.session !== undefined;
  useEffect(() => {
    if (signedIn && !over) startLive();
    else stopLive();
  }, [signedIn, over]);
  if (isPending) return <Loading />;
  if (data === undefined) return <Failed error={asRpcError(error)} retry={() => void refetch()} />;
  if (data.session === undefined || over)
    return (
      <Suspense fallback={<Loading />}>
        <SignIn
          oidc={data.oidc}
          onDone={async () => {
            const now = (await refetch()).data?.session;
            setOver(false);
            // The first time that somebody signs in here, in the language that the account has.
            if (now?.locale && globalThis.localStorage.getItem('flotilla.locale') === null) setLocale(now.locale.startsWith('zh') ? 'zh-CN' : 'en');
            await queryClient.invalidateQueries();
          }}
        />
      </Suspense>
    );
  return <SessionContext.Provider value={data.session}>{children}</SessionContext.Provider>;
};
