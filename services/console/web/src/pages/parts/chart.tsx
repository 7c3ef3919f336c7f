import { ActionIcon, Group, Table, Text, Tooltip, useComputedColorScheme } from '@mantine/core';
import { IconChartBar, IconTable } from '@tabler/icons-react';
import { BarChart, HeatmapChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from 'echarts/components';
import { init, use as register, type EChartsType } from 'echarts/core';
import type { EChartsOption } from 'echarts';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { useWords } from '../../kit/index.js';
import { words } from './words.js';

register([BarChart, HeatmapChart, LineChart, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, SVGRenderer]);

/** A cell of the table beside a chart; `to` opens what is behind it. */
export interface ChartCell {
  readonly text: string;
  readonly to?: string | undefined;
}

export interface ChartTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | ChartCell)[])[];
}

/** What was pressed: of which series, and which of its values. */
export interface Picked {
  readonly series: number;
  readonly index: number;
}

/** Colours that are told apart in both schemes and by those who see no red or green (Okabe and Ito). */
export const palette = ['#0072B2', '#E69F00', '#009E73', '#CC79A7', '#56B4E9', '#D55E00', '#8C8C8C'] as const;

const inks = { light: { text: '#495057', line: '#ced4da', back: '#ffffff' }, dark: { text: '#c9c9c9', line: '#424242', back: '#2e2e2e' } } as const;
export type Ink = (typeof inks)[keyof typeof inks];

/**
 * A chart, and the same as a table: for those who hear it, who read numbers, or who have no mouse. What is pressed in either opens the
 * view behind it.
 */
export const Chart = ({
  label,
  option,
  table,
  linkOf,
  height = 240,
  aside,
}: {
  readonly label: string;
  readonly option: (ink: Ink) => EChartsOption;
  readonly table: ChartTable;
  readonly linkOf?: (picked: Picked) => string | undefined;
  readonly height?: number;
  readonly aside?: ReactNode;
}) => {
  const t = useWords(words);
  const go = useNavigate();
  const scheme = useComputedColorScheme('light');
  const [asTable, setAsTable] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<EChartsType>(undefined);
  const latest = useRef({ linkOf, go, option });
  latest.current = { linkOf, go, option };
  // The table says all that is drawn, in the language of now.
  const drawn = JSON.stringify([label, table.head, table.rows.map((row) => row.map((cell) => (typeof cell === 'string' ? cell : cell.text)))]);
  const ink = inks[scheme];

  useEffect(() => {
    if (asTable || !box.current) return undefined;
    const one = init(box.current, undefined, { renderer: 'svg' });
    chart.current = one;
    one.on('click', (event) => {
      const to = latest.current.linkOf?.({ series: event.seriesIndex ?? 0, index: event.dataIndex });
      if (to !== undefined) void latest.current.go(to);
    });
    const sized = new ResizeObserver(() => one.resize());
    sized.observe(box.current);
    return () => {
      chart.current = undefined;
      sized.disconnect();
      one.dispose();
    };
  }, [asTable]);
  useEffect(() => {
    // Texts are measured before they are drawn, so the font is needed by its name.
    const fontFamily = box.current === null ? 'sans-serif' : getComputedStyle(box.current).fontFamily;
    chart.current?.setOption({ animationDuration: 200, textStyle: { color: ink.text, fontFamily }, ...latest.current.option(ink) }, { notMerge: true });
  }, [drawn, ink, asTable]);

  const empty = table.rows.length === 0;
  return (
    <figure className="f-room-chart" aria-label={label}>
      <Group justify="flex-end" gap={4} className="f-room-chart-tools">
        {aside}
        <Tooltip label={asTable ? t('asChart') : t('asTable')}>
          <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`${label}: ${asTable ? t('asChart') : t('asTable')}`} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            {asTable ? <IconChartBar size={14} /> : <IconTable size={14} />}
          </ActionIcon>
        </Tooltip>
      </Group>
      {empty && (
        <Text size="sm" c="dimmed" ta="center" py="xl">
          {t('noData')}
        </Text>
      )}
      {!asTable && <div ref={box} role="img" aria-label={label} style={{ height, width: '100%', ...(empty ? { display: 'none' } : {}) }} data-opens={linkOf ? true : undefined} />}
      {asTable && !empty && (
        <div style={{ maxHeight: height, overflow: 'auto' }} tabIndex={0} role="region" aria-label={label}>
          <Table fz="xs" stickyHeader verticalSpacing={2}>
            <Table.Thead>
              <Table.Tr>
                {table.head.map((name) => (
                  <Table.Th key={name}>{name}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {table.rows.map((row, at) => (
                <Table.Tr key={at}>
                  {row.map((cell, column) => (
                    <Table.Td key={column}>{typeof cell === 'string' ? cell : cell.to === undefined ? cell.text : <Link className="f-cell-link" to={cell.to}>{cell.text}</Link>}</Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
    </figure>
  );
};
