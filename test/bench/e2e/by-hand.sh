#!/usr/bin/env bash
# A preview as a person would script it without GitOps, with curl, buildah and kubectl: one pull request, by its number,
# head and branch. Prints a line of JSON once the host answers with what the pull request has under site/.
#
# Equal to WeStage's way: archive at the head, image with the same storage driver, isolation and cache of layers, pushed
# to a registry of the same kind, the kustomize folder with the image's digest, a namespace of its own and a host of its
# own, the Deployment available, the host answering through the same ingress.
# Left out, all of which WeStage does: everything in GitHub and in git, what bounds and checks an untrusted archive,
# Dockerfile and kustomization, namespaces around the build, sweeping of the build's storage, parsing and checking of
# manifests, labels and variables, clashes of names and hosts, logs, retries, and Argo CD with all that it gives.
set -euo pipefail
export LC_ALL=C
: "${GITHUB_API:?}" "${GITHUB_TOKEN:?}" "${REPOSITORY:?}" "${KUBECONFIG:?}" "${PREVIEW_ADDRESS:?}"
: "${IMAGE:?the image without a tag}" "${STORE:?where buildah keeps layers}" "${KUSTOMIZE:?the command that renders a folder}"
: "${WORK:?}"
number=$1 sha=$2 branch=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../timed-steps.sh"
steps='' at=${EPOCHREALTIME/./}

slug=${branch//[^a-z0-9]/-} namespace=by-hand-$slug
work=$WORK/$number repo=$WORK/$number/repo
mkdir -p "$repo/by-hand"
curl --silent --show-error --fail --location --header "authorization: token $GITHUB_TOKEN" \
  "$GITHUB_API/repos/$REPOSITORY/tarball/$sha" | tar -xz -C "$repo" --strip-components=1
ended fetch

buildah=(buildah --root "$STORE/root" --runroot "$STORE/run" --storage-driver vfs)
"${buildah[@]}" bud --isolation chroot --layers --format docker --tag "$IMAGE:$sha" "$repo" >"$work/build.log" 2>&1 ||
  { cat "$work/build.log" >&2; exit 1; }
"${buildah[@]}" push --tls-verify=false --digestfile "$work/digest" "$IMAGE:$sha" >"$work/push.log" 2>&1 ||
  { cat "$work/push.log" >&2; exit 1; }
ended build

host=$slug-$(awk '/^ *- host: / { print $3; exit }' "$repo/k8s/base/ingress.yaml")
cat >"$repo/by-hand/namespace.yaml" <<END
apiVersion: v1
kind: Namespace
metadata: { name: $namespace }
END
cat >"$repo/by-hand/kustomization.yaml" <<END
resources: [namespace.yaml, ../k8s/overlays/preview]
namespace: $namespace
images: [{ name: registry.example.com/acme/shop, newName: $IMAGE, digest: "$(<"$work/digest")" }]
patches:
  - target: { kind: Ingress }
    patch: '[{ "op": "replace", "path": "/spec/rules/0/host", "value": "$host" }]'
END
$KUSTOMIZE "$repo/by-hand" >"$work/rendered.yaml"
ended render

kubectl apply --filename "$work/rendered.yaml" >/dev/null
ended apply

kubectl wait --namespace "$namespace" --for=condition=Available deployment --all --timeout=5m >/dev/null
ended wait

# What the commit shows, not just any answer.
until [[ $(curl --silent --max-time 10 --header "host: $host" "http://$PREVIEW_ADDRESS/") == "$(<"$repo/site/index.html")" ]]; do
  sleep 0.05
done
ended resolve
printf '{"namespace":"%s","steps":{%s}}\n' "$namespace" "$steps"
