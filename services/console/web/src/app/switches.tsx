import { ActionIcon, Button, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { setLocale, useLocale, useWords } from '../kit/index.js';
import { words } from './words.js';

/** Named in the language that one would come to: it can be found by whoever reads only that. */
export const LocaleSwitch = () => {
  const locale = useLocale();
  const next = locale === 'en' ? 'zh-CN' : 'en';
  return (
    <Button size="compact-sm" variant="subtle" color="gray" lang={next} onClick={() => setLocale(next)} data-testid="locale">
      {next === 'en' ? 'English' : '中文'}
    </Button>
  );
};

export const SchemeSwitch = () => {
  const t = useWords(words);
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const label = scheme === 'dark' ? t('light') : t('dark');
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')} data-testid="scheme">
        {scheme === 'dark' ? <IconSun size={16} /> : <IconMoon size={16} />}
      </ActionIcon>
    </Tooltip>
  );
};
