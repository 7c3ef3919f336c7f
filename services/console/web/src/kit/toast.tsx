import { Code, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { errorText } from './errors.js';
import { asWords } from './words.js';
import type { RpcError } from './rpc.js';

/** Says something at the edge of the page, and takes it back by itself. */
export const toast = ({ title, message, tone = 'info', id, ms = 5_000 }: { readonly title?: string; readonly message?: ReactNode; readonly tone?: 'info' | 'done' | 'warning' | 'error'; readonly id?: string; readonly ms?: number | false }): void => {
  notifications.show({
    ...(id === undefined ? {} : { id }),
    ...(title === undefined ? {} : { title }),
    message: message ?? '',
    color: { info: 'brand', done: 'teal', warning: 'yellow', error: 'red' }[tone],
    autoClose: ms,
    withBorder: true,
    closeButtonProps: { 'aria-label': asWords('close') },
  });
};

export const untoast = (id: string): void => void notifications.hide(id);

/** A refusal: its reason in the reader's language, what the service says, and what to look it up by. */
export const tellError = (error: RpcError): void => {
  const { title, detail } = errorText(error);
  toast({
    title,
    tone: 'error',
    ms: 10_000,
    id: `error-${error.reason}-${error.message}`,
    message: (
      <>
        {detail !== '' && <Text size="sm">{detail}</Text>}
        <Code>{error.reason}</Code>
      </>
    ),
  });
};
