import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { api, asRpcError, Failed, Loading, onSignedOut, queryClient, SessionContext, setLocale, startLive, stopLive, type Session } from '../kit/index.js';
import { SignIn } from './sign-in.js';

const key = ['session'] as const;

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
  const [oidc, setOidc] = useState<string>();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: key,
    staleTime: 60_000,
    queryFn: () =>
      api<Session>('GET', '/api/session').catch((thrown: unknown) => {
        const refused = asRpcError(thrown);
        if (refused.reason !== 'UNAUTHENTICATED') throw refused;
        setOidc(refused.metadata['oidc'] === 'true' ? '/api/session/oidc' : undefined);
        return null;
      }),
  });
  useEffect(() => onSignedOut(() => setOver(true)), []);
  const signedIn = data !== undefined && data !== null;
  useEffect(() => {
    if (signedIn && !over) startLive();
    else stopLive();
  }, [signedIn, over]);
  if (isPending) return <Loading />;
  if (data === undefined) return <Failed error={asRpcError(error)} retry={() => void refetch()} />;
  if (data === null || over)
    return (
      <SignIn
        oidc={oidc}
        onDone={async () => {
          const { data: now } = await refetch();
          setOver(false);
          // The first time that somebody signs in here, in the language that the account has.
          if (now?.locale && globalThis.localStorage.getItem('flotilla.locale') === null) setLocale(now.locale.startsWith('zh') ? 'zh-CN' : 'en');
          await queryClient.invalidateQueries();
        }}
      />
    );
  return <SessionContext.Provider value={data}>{children}</SessionContext.Provider>;
};
