export { counter, exposition, gauge, histogram, nameService, type SetGauge } from './instruments.js';
export { metricTable, processMetrics, scope, spanNames, type MetricName } from './names.js';
