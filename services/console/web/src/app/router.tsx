import { Button } from '@mantine/core';
import { IconMap2 } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { createBrowserRouter, isRouteErrorResponse, Link, matchPath, Navigate, useRouteError } from 'react-router';
import { allows, Empty, Forbidden, Page, RpcError, Failed, useSession, useWords } from '../kit/index.js';
import { pages, type PageEntry } from '../pages.js';
import { Shell } from './shell.js';
import { words } from './words.js';

/** The page, for whoever may see it. */
const Guarded = ({ page, component: Component }: { readonly page: PageEntry; readonly component: React.ComponentType }) => (allows(useSession(), page.needs) ? <Component /> : <Forbidden need={page.needs} />);

const Home = () => {
  const session = useSession();
  const first = pages.find(({ within, needs }) => !within && allows(session, needs));
  return first ? <Navigate to={first.path} replace /> : <Forbidden />;
};

const NotFound = () => {
  const t = useWords(words);
  return (
    <Page title={t('notFound')}>
      <Empty title={t('notFound')} icon={<IconMap2 size={24} />}>
        <Button component={Link} to="/" variant="default">
          {t('toStart')}
        </Button>
      </Empty>
    </Page>
  );
};

/** A page that breaks breaks alone; the shell stays. */
const Broken = () => {
  const t = useWords(words);
  const error = useRouteError();
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFound />;
  return <Failed error={error instanceof RpcError ? error : new RpcError('INTERNAL', 'INTERNAL', `${t('broken')}: ${error instanceof Error ? error.message : String(error)}`)} retry={() => globalThis.location.reload()} />;
};

// What is said before it is there is shown when it is.
const Notifications = lazy(() => import('@mantine/notifications').then((part) => ({ default: part.Notifications })));

const reloaded = 'flotilla.reloaded';

/** A page's part of the app. After an update an open page asks for parts that are not there any more: it is loaded anew, once. */
const loaded = (load: PageEntry['load']): PageEntry['load'] => async () => {
  try {
    const part = await load();
    sessionStorage.removeItem(reloaded);
    return part;
  } catch (error) {
    if (sessionStorage.getItem(reloaded) !== null) throw error;
    sessionStorage.setItem(reloaded, 'yes');
    globalThis.location.reload();
    return new Promise(() => undefined);
  }
};

// The page that will be shown is on its way while it is asked who is here.
void (pages.find(({ path }) => matchPath(path, globalThis.location.pathname)) ?? pages[0]!).load().catch(() => undefined);

export const router = createBrowserRouter([
  {
    path: '/',
    // A notice may lead to another page: it stands where links work.
    element: (
      <>
        <Shell />
        <Suspense fallback={null}>
          <Notifications position="bottom-left" limit={6} containerWidth={380} />
        </Suspense>
      </>
    ),
    errorElement: <Broken />,
    children: [
      { index: true, element: <Home /> },
      ...pages.map((page) => ({ path: page.path, element: <Guarded page={page} component={lazy(loaded(page.load))} />, errorElement: <Broken /> })),
      { path: '*', element: <NotFound /> },
    ],
  },
]);
