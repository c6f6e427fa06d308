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

{{- define "guard.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
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
