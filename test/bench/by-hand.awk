# What the shell script makes of kustomize's output, which is always laid out in one way: every object in a file of its
# own, in the preview's namespace, with its labels and annotations, its hosts, and its variables in every container.
function emit(text) { lines[++count] = text }
function labels() {
  emit("    westage.dev/app: " app)
  emit("    westage.dev/pull: \"" pull "\"")
  emit("    westage.dev/slug: " slug)
}
function annotations() {
  emit("    westage.dev/pull-url: " pull_url)
  emit("    westage.dev/sha: \"" sha "\"")
}
function variable(margin, name, value) {
  emit(margin "  - name: " name)
  emit(margin "    value: \"" value "\"")
}
function variables(margin) {
  emit(margin "- env:")
  variable(margin, "WESTAGE", 1)
  variable(margin, "WESTAGE_URL", url)
  variable(margin, "WESTAGE_HOST", host)
  variable(margin, "WESTAGE_APP", app)
  variable(margin, "WESTAGE_BRANCH", branch)
  variable(margin, "WESTAGE_PR", pull)
  variable(margin, "WESTAGE_SHA", sha)
  variable(margin, "WESTAGE_NAMESPACE", own_namespace)
}
function end_metadata() {
  if (!in_metadata) return
  if (!has_labels) { emit("  labels:"); labels() }
  if (!has_annotations) { emit("  annotations:"); annotations() }
  emit("  namespace: " own_namespace)
  in_metadata = 0
}
function end_object(    i, file) {
  end_metadata()
  if (count > 0) {
    file = dir "/" tolower(kind) "-" name ".yaml"
    for (i = 1; i <= count; i++) print lines[i] > file
    close(file)
  }
  count = has_labels = has_annotations = 0
  containers = ""
}
BEGIN {
  kind = "Namespace"
  name = own_namespace
  emit("apiVersion: v1")
  emit("kind: Namespace")
  emit("metadata:")
  emit("  name: " own_namespace)
  emit("  annotations:")
  emit("    argocd.argoproj.io/sync-wave: \"-100\"")
  annotations()
  emit("  labels:")
  labels()
  end_object()
}
/^---$/ { end_object(); next }
/^[^ ]/ { end_metadata() }
/^kind: / { kind = $2 }
/^metadata:$/ { in_metadata = 1 }
in_metadata && /^  name: / { name = $2 }
in_metadata && /^  namespace: / { next }
in_metadata && /^  labels:$/ { emit($0); labels(); has_labels = 1; next }
in_metadata && /^  annotations:$/ { emit($0); annotations(); has_annotations = 1; next }
/^ *(initContainers|containers):$/ { containers = substr($0, 1, match($0, /[^ ]/) - 1); in_containers = 1; emit($0); next }
in_containers && index($0, containers "- ") == 1 {
  variables(containers)
  $0 = containers "  " substr($0, length(containers) + 3)
}
in_containers && index($0, containers "  ") != 1 { in_containers = 0 }
kind == "Ingress" && /^ *- host: / { sub(/host: /, "host: " slug "-") }
{ emit($0) }
END { end_object() }
