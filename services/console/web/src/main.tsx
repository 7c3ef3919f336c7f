import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import './app/app.css';
import { MantineProvider } from '@mantine/core';
import { DatesProvider } from '@mantine/dates';
import { QueryClientProvider } from '@tanstack/react-query';
import 'dayjs/locale/zh-cn.js';
import { StrictMode, useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from 'react-router';
import { router } from './app/router.js';
import { WithSession } from './app/session.js';
import { themeOf, variables } from './app/theme.js';
import { currentLocale, queryClient, useLocale } from './kit/index.js';

document.documentElement.lang = currentLocale();

const App = () => {
  const locale = useLocale();
  const theme = useMemo(() => themeOf(locale === 'zh-CN' ? '关闭' : 'Close'), [locale]);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <DatesProvider settings={{ locale: locale === 'zh-CN' ? 'zh-cn' : 'en', firstDayOfWeek: 1 }}>
        <QueryClientProvider client={queryClient}>
          <WithSession>
            <RouterProvider router={router} />
          </WithSession>
        </QueryClientProvider>
      </DatesProvider>
    </MantineProvider>
  );
};

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
