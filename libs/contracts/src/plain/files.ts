// Generated from proto/ by protoc-gen-plain; do not edit.
import { file_flotilla_common_v1_common as file0 } from '../gen/flotilla/common/v1/common_pb.js';
import { file_flotilla_alerts_v1_alerts as file1 } from '../gen/flotilla/alerts/v1/alerts_pb.js';
import { file_flotilla_alerts_v1_events as file2 } from '../gen/flotilla/alerts/v1/events_pb.js';
import { file_flotilla_alerts_v1_notices as file3 } from '../gen/flotilla/alerts/v1/notices_pb.js';
import { file_flotilla_alerts_v1_reports as file4 } from '../gen/flotilla/alerts/v1/reports_pb.js';
import { file_flotilla_alerts_v1_rules as file5 } from '../gen/flotilla/alerts/v1/rules_pb.js';
import { file_flotilla_alerts_v1_webhooks as file6 } from '../gen/flotilla/alerts/v1/webhooks_pb.js';
import { file_flotilla_allocation_v1_events as file7 } from '../gen/flotilla/allocation/v1/events_pb.js';
import { file_flotilla_allocation_v1_allocation as file8 } from '../gen/flotilla/allocation/v1/allocation_pb.js';
import { file_flotilla_allocation_v1_nodes as file9 } from '../gen/flotilla/allocation/v1/nodes_pb.js';
import { file_flotilla_allocation_v1_remote as file10 } from '../gen/flotilla/allocation/v1/remote_pb.js';
import { file_flotilla_allocation_v1_routing as file11 } from '../gen/flotilla/allocation/v1/routing_pb.js';
import { file_flotilla_allocation_v1_suppliers as file12 } from '../gen/flotilla/allocation/v1/suppliers_pb.js';
import { file_flotilla_allocation_v1_waves as file13 } from '../gen/flotilla/allocation/v1/waves_pb.js';
import { file_flotilla_audit_v1_anchors as file14 } from '../gen/flotilla/audit/v1/anchors_pb.js';
import { file_flotilla_order_v1_events as file15 } from '../gen/flotilla/order/v1/events_pb.js';
import { file_flotilla_carrier_v1_carrier as file16 } from '../gen/flotilla/carrier/v1/carrier_pb.js';
import { file_flotilla_carrier_v1_events as file17 } from '../gen/flotilla/carrier/v1/events_pb.js';
import { file_flotilla_connector_v1_channel_orders as file18 } from '../gen/flotilla/connector/v1/channel_orders_pb.js';
import { file_flotilla_ingest_v1_events as file19 } from '../gen/flotilla/ingest/v1/events_pb.js';
import { file_flotilla_ingest_v1_imports as file20 } from '../gen/flotilla/ingest/v1/imports_pb.js';
import { file_flotilla_ingest_v1_ingest as file21 } from '../gen/flotilla/ingest/v1/ingest_pb.js';
import { file_flotilla_ingest_v1_mapping as file22 } from '../gen/flotilla/ingest/v1/mapping_pb.js';
import { file_flotilla_ingest_v1_remarks as file23 } from '../gen/flotilla/ingest/v1/remarks_pb.js';
import { file_flotilla_ingest_v1_sku_map as file24 } from '../gen/flotilla/ingest/v1/sku_map_pb.js';
import { file_flotilla_lock_v1_lock as file25 } from '../gen/flotilla/lock/v1/lock_pb.js';
import { file_flotilla_ops_v1_ops as file26 } from '../gen/flotilla/ops/v1/ops_pb.js';
import { file_flotilla_order_v1_orders as file27 } from '../gen/flotilla/order/v1/orders_pb.js';
import { file_flotilla_order_v1_desk as file28 } from '../gen/flotilla/order/v1/desk_pb.js';
import { file_flotilla_settlement_v1_events as file29 } from '../gen/flotilla/settlement/v1/events_pb.js';
import { file_flotilla_settlement_v1_settlement as file30 } from '../gen/flotilla/settlement/v1/settlement_pb.js';
import { file_flotilla_tracking_v1_events as file31 } from '../gen/flotilla/tracking/v1/events_pb.js';
import { file_flotilla_tracking_v1_tracking as file32 } from '../gen/flotilla/tracking/v1/tracking_pb.js';

/** The descriptor of every file in proto/. */
export const files = [file0, file1, file2, file3, file4, file5, file6, file7, file8, file9, file10, file11, file12, file13, file14, file15, file16, file17, file18, file19, file20, file21, file22, file23, file24, file25, file26, file27, file28, file29, file30, file31, file32];
