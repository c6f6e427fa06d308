{{- define "guard.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "guard.fullname" -}}
{{- $name := include "guard.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end }}

{{- define "guard.selectorLabels" -}}
app.kubernetes.io/name: {{ include "guard.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "guard.chart" -}}
{{- printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" -}}
{{- end }}

{{- define "guard.labels" -}}
helm.sh/chart: {{ include "guard.chart" . }}
{{ include "guard.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "guard.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "guard.fullname" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end }}

{{- define "guard.image" -}}
{{- with .Values.image -}}
{{- if .registry }}{{ .registry }}/{{ end }}{{ .repository -}}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end -}}
{{- end -}}
{{- end }}

{{- define "guard.tlsSecretName" -}}
{{- if eq .Values.certificates.mode "secret" -}}
{{- .Values.certificates.secretName -}}
{{- else -}}
{{- include "guard.fullname" . }}-tls
{{- end -}}
{{- end }}

{{- /* The API wants base64; a person has a file. */ -}}
{{- define "guard.caBundle" -}}
{{- $ca := .Values.certificates.caBundle -}}
{{- if contains "-----BEGIN" $ca }}{{ b64enc $ca }}{{ else }}{{ $ca }}{{ end -}}
{{- end }}

{{- /* YAML 1.1, which helm reads values with, takes a plain off for false. */ -}}
{{- define "guard.configSecret" -}}
{{- .Values.lookups.configSecret | default "off" -}}
{{- end }}

{{- /* The policy file. What RBAC does not allow is not asked for either. */ -}}
{{- define "guard.policy" -}}
{{- $policy := deepCopy .Values.policy -}}
{{- if eq (include "guard.configSecret" .) "off" -}}
{{- $policy = mustMergeOverwrite $policy (dict "lookups" (dict "configSecret" false)) -}}
{{- end -}}
{{- toYaml $policy -}}
{{- end }}

{{- /* The auditor's pods have a name of their own, or the Service of the webhook would select them, too. */ -}}
{{- define "guard.audit.selectorLabels" -}}
app.kubernetes.io/name: {{ include "guard.name" . | trunc 57 | trimSuffix "-" }}-audit
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "guard.audit.labels" -}}
helm.sh/chart: {{ include "guard.chart" . }}
{{ include "guard.audit.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "guard.audit.fullname" -}}
{{- include "guard.fullname" . | trunc 57 | trimSuffix "-" }}-audit
{{- end }}

{{- define "guard.audit.serviceAccountName" -}}
{{- with .Values.audit.serviceAccount -}}
{{- if .create -}}
{{- .name | default (include "guard.audit.fullname" $) -}}
{{- else -}}
{{- .name | default "default" -}}
{{- end -}}
{{- end -}}
{{- end }}

{{- define "guard.podSecurity" -}}
# The user comes from the image (65532): OpenShift assigns one of its own and refuses a fixed number.
securityContext:
  runAsNonRoot: true
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "guard.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{- define "guard.egress" -}}
# DNS
- ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
# kube-apiserver. Its address differs per cluster, so only the port is named.
- ports:
    {{- range .Values.networkPolicy.apiServerPorts }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
{{- end }}
