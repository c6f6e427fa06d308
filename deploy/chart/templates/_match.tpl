{{- /*
Which objects are sent to the webhooks at all. Under failurePolicy Fail an expression that errors refuses the object,
so that one missing has() would refuse foreign objects across the whole cluster: every field that an object may lack
is behind one.

Two rules keep these from being dodged. metadata.labels are not asked, because whoever owns the object may drop them;
spec.selector cannot be changed after creation. And on UPDATE the old object counts too, so that no edit can take an
object out of sight in the same step.
*/ -}}

{{- /*
The selector of a StatefulSet, Deployment or PodDisruptionBudget `o` of a chart of any era. Without a release it is
nobody's vCluster: pods of tenants carry `app: vcluster` too.
*/ -}}
{{- define "guard.match.selector" -}}
has(o.spec.selector) && has(o.spec.selector.matchLabels)
&& has(o.spec.selector.matchLabels.app) && has(o.spec.selector.matchLabels.release)
&& o.spec.selector.matchLabels.app in ['vcluster', 'vcluster-etcd']
{{- end }}

{{- define "guard.match.workloads" -}}
- name: vcluster-workload
  # By selector, or, if that is hand-made, by the syncer and its configuration. Charts before 0.20 have no such
  # Secret and are known by selector alone.
  expression: |-
    [object, oldObject].exists(o, o != null && has(o.spec) && (
      (
        {{- include "guard.match.selector" . | nindent 8 }}
      ) || (
        has(o.spec.template) && has(o.spec.template.spec)
        && has(o.spec.template.spec.containers) && o.spec.template.spec.containers != null
        && o.spec.template.spec.containers.exists(c, has(c.name) && c.name == 'syncer')
        && has(o.spec.template.spec.volumes) && o.spec.template.spec.volumes != null
        && o.spec.template.spec.volumes.exists(v,
          (has(v.secret) && has(v.secret.secretName) && v.secret.secretName.startsWith('vc-config-'))
          || (has(v.projected) && has(v.projected.sources) && v.projected.sources != null
            && v.projected.sources.exists(s,
              has(s.secret) && has(s.secret.name) && s.secret.name.startsWith('vc-config-'))))
      )
    ))
{{- end }}

{{- define "guard.match.scale" -}}
- name: vcluster-scale
  # A Scale has no labels. Its status.selector is made by kube-apiserver from the workload's spec.selector.
  expression: |-
    oldObject != null && has(oldObject.status) && has(oldObject.status.selector)
    && oldObject.status.selector.matches('(^|,)app=vcluster(-etcd)?(,|$)')
    && oldObject.status.selector.matches('(^|,)release=')
{{- end }}

{{- define "guard.match.secrets" -}}
- name: vcluster-config
  # By name alone: vCluster finds it by name, and everything else about a Secret can be changed.
  expression: |-
    object != null && has(object.metadata) && has(object.metadata.name)
    && object.metadata.name.startsWith('vc-config-')
{{- end }}

{{- define "guard.match.poddisruptionbudgets" -}}
- name: vcluster-poddisruptionbudget
  # The chart gives it no labels at all. Hand-made ones may say by expressions what the chart says by labels.
  expression: |-
    [object, oldObject].exists(o, o != null && has(o.spec) && (
      {{- include "guard.match.selector" . | nindent 6 }}
      || has(o.spec.selector) && has(o.spec.selector.matchExpressions)
      && (o.spec.selector.matchExpressions.exists(e, e.key == 'app' && has(e.values)
        && e.values.exists(v, v in ['vcluster', 'vcluster-etcd']))
        || has(o.spec.selector.matchLabels) && has(o.spec.selector.matchLabels.app)
        && o.spec.selector.matchLabels.app in ['vcluster', 'vcluster-etcd'])
    ))
{{- end }}
