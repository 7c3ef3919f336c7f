{{- define "flotilla.fullname" -}}
{{- if .Values.fullnameOverride -}}{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains .Chart.Name .Release.Name -}}{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else -}}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}
{{- end -}}
{{- end }}

{{/* Labels that never change: selectors. Called with (dict "root" $ "name" service). */}}
{{- define "flotilla.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{- define "flotilla.labels" -}}
{{ include "flotilla.selector" . }}
app.kubernetes.io/part-of: flotilla
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "flotilla.image" -}}
{{- $i := .Values.image -}}
{{- if $i.digest -}}{{ $i.repository }}@{{ $i.digest }}{{- else -}}{{ $i.repository }}:{{ $i.tag | default .Chart.AppVersion }}{{- end -}}
{{- end }}

{{/* The rows that are installed, each laid over the defaults, as YAML: name: row. */}}
{{- define "flotilla.rows" -}}
{{- $rows := dict -}}
{{- range $name, $row := .Values.services -}}
{{- $whole := mergeOverwrite (deepCopy $.Values.defaults) (deepCopy $row) -}}
{{- if $whole.enabled -}}{{- $_ := set $rows $name $whole -}}{{- end -}}
{{- end -}}
{{- toYaml $rows -}}
{{- end }}

{{- define "flotilla.secret" -}}
{{- .Values.secrets.existing | default (printf "%s-keys" (include "flotilla.fullname" .)) -}}
{{- end }}

{{/* Who may call, and the caller's own private key, as files: no pod gets another's. 288 is 0440: readable by the pod's group. (dict "root" $ "caller" name "access" bool) */}}
{{- define "flotilla.callsPath" -}}/run/secrets/flotilla{{- end }}
{{- define "flotilla.calls" -}}
{{- $full := include "flotilla.fullname" .root -}}
name: calls
projected:
  defaultMode: 288
  sources:
    {{- if .access }}
    - secret: {name: {{ .root.Values.secrets.access | default (printf "%s-access" $full) }}, items: [{key: access.json, path: access.json}]}
    {{- end }}
    - secret: {name: {{ .root.Values.secrets.callers | default (printf "%s-callers" $full) }}, items: [{key: {{ .caller }}.json, path: caller.json}]}
{{- end }}

{{/* Where the password of a role stands, as a secretKeyRef. (dict "root" $ "role" service-or-owner) */}}
{{- define "flotilla.password" -}}
{{- $v := .root.Values.databases -}}
{{- $full := include "flotilla.fullname" .root -}}
{{- if $v.cloudnativepg.enabled -}}
{name: {{ $full }}-db-{{ .role }}, key: password}
{{- else -}}
{name: {{ $v.existingSecret | default (printf "%s-databases" $full) }}, key: {{ .role }}}
{{- end -}}
{{- end }}

{{- define "flotilla.databaseHost" -}}
{{- if .Values.databases.cloudnativepg.enabled -}}{{ include "flotilla.fullname" . }}-db-rw{{- else -}}{{ .Values.databases.host }}{{- end -}}
{{- end }}
{{- define "flotilla.databasePort" -}}
{{- if .Values.databases.cloudnativepg.enabled -}}5432{{- else -}}{{ .Values.databases.port }}{{- end -}}
{{- end }}
{{- define "flotilla.databaseUrl" -}}
{{- $o := .root.Values.databases.options -}}
postgresql://{{ .user }}:$({{ .variable }})@{{ include "flotilla.databaseHost" .root }}:{{ include "flotilla.databasePort" .root }}/{{ .database }}{{ if $o }}?{{ $o }}{{ end }}
{{- end }}

{{- define "flotilla.brokers" -}}
{{- .Values.kafka.brokers | default (printf "%s-kafka-bootstrap:9092" .Values.kafka.strimzi.cluster) -}}
{{- end }}

{{/* The environment of a service. (dict "root" $ "name" service "row" row "rows" rows "owner" bool) */}}
{{- define "flotilla.env" -}}
{{- $root := .root -}}{{- $row := .row -}}{{- $full := include "flotilla.fullname" $root -}}
{{- $database := printf "flotilla_%s" (replace "-" "_" .name) -}}
- {name: FLOTILLA_SERVICE, value: {{ .name }}}
- {name: FLOTILLA_HOST, value: "0.0.0.0"}
- {name: FLOTILLA_HTTP_PORT, value: {{ $row.ports.http | quote }}}
{{- with $row.ports.grpc }}
- {name: FLOTILLA_GRPC_PORT, value: {{ . | quote }}}
- {name: FLOTILLA_REFLECTION, value: {{ $root.Values.reflection | quote }}}
{{- if not $.owner }}
- {name: FLOTILLA_ACCESS_FILE, value: {{ include "flotilla.callsPath" $root }}/access.json}
{{- end }}
{{- end }}
{{- if not .owner }}
- {name: FLOTILLA_CALLER_KEY_FILE, value: {{ include "flotilla.callsPath" $root }}/caller.json}
{{- end }}
- {name: FLOTILLA_LOG_LEVEL, value: {{ $root.Values.logLevel }}}
{{- if $row.database }}
- {name: DATABASE_PASSWORD, valueFrom: {secretKeyRef: {{ include "flotilla.password" (dict "root" $root "role" .name) }}}}
- {name: FLOTILLA_DATABASE_URL, value: {{ include "flotilla.databaseUrl" (dict "root" $root "user" $database "database" $database "variable" "DATABASE_PASSWORD") | quote }}}
- {name: FLOTILLA_PARKED_KEY, valueFrom: {secretKeyRef: {name: {{ include "flotilla.secret" $root }}, key: parkedKey}}}
{{- if .owner }}
- {name: OWNER_PASSWORD, valueFrom: {secretKeyRef: {{ include "flotilla.password" (dict "root" $root "role" "owner") }}}}
- {name: FLOTILLA_MIGRATION_DATABASE_URL, value: {{ include "flotilla.databaseUrl" (dict "root" $root "user" $root.Values.databases.owner "database" $database "variable" "OWNER_PASSWORD") | quote }}}
{{- end }}
{{- end }}
{{- if $row.kafka }}
- {name: FLOTILLA_KAFKA_BROKERS, value: {{ include "flotilla.brokers" $root | quote }}}
{{- with $root.Values.kafka.usersSecret }}
- {name: FLOTILLA_KAFKA_USER, value: {{ $.name }}}
- {name: FLOTILLA_KAFKA_PASSWORD, valueFrom: {secretKeyRef: {name: {{ . }}, key: {{ $.name }}}}}
{{- end }}
{{- if $root.Values.kafka.tls }}
- {name: FLOTILLA_KAFKA_TLS, value: "true"}
{{- end }}
{{- end }}
{{- range $row.asks }}{{ with index $.rows . }}
- {name: FLOTILLA_{{ upper (replace "-" "_" .name) }}_GRPC, value: "{{ $full }}-{{ .name }}:{{ .ports.grpc }}"}
{{- end }}{{ end }}
{{- range $variable, $key := $row.keys }}
- {name: {{ $variable }}, valueFrom: {secretKeyRef: {name: {{ include "flotilla.secret" $root }}, key: {{ $key }}}}}
{{- end }}
{{- if and $root.Values.publicUrl (has .name (list "tracking" "allocation")) }}
- {name: FLOTILLA_PUBLIC_URL, value: {{ $root.Values.publicUrl | quote }}}
{{- end }}
{{- if and $root.Values.sandboxUrl $row.kafka }}
- {name: FLOTILLA_SANDBOX_URL, value: {{ $root.Values.sandboxUrl | quote }}}
{{- end }}
{{- with $root.Values.otlpEndpoint }}
- {name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }}}
- {name: OTEL_SERVICE_NAME, value: {{ $.name }}}
- {name: OTEL_TRACES_EXPORTER, value: otlp}
- {name: OTEL_METRICS_EXPORTER, value: none}
- {name: OTEL_LOGS_EXPORTER, value: none}
- {name: OTEL_NODE_RESOURCE_DETECTORS, value: "env,host,os"}
- {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
- {name: OTEL_RESOURCE_ATTRIBUTES, value: "service.namespace={{ $root.Release.Namespace }},service.instance.id=$(POD_NAME)"}
{{- end }}
{{- range $variable, $value := mergeOverwrite (deepCopy $root.Values.env) (deepCopy $row.env) }}
- {name: {{ $variable }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{/* How the restricted Pod Security Standard wants it, and nothing of the API in the pod. */}}
{{- define "flotilla.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
  - {name: {{ . }}}
{{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- define "flotilla.containerSecurity" -}}
securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
{{- end }}

{{/* Hooks run before anything of the release is there: not where the release brings its own Postgres or Kafka. */}}
{{- define "flotilla.hooks" -}}
{{- if and .Values.migrations.hooks (not .Values.databases.cloudnativepg.enabled) (not .Values.kafka.strimzi.enabled) -}}yes{{- end -}}
{{- end }}
