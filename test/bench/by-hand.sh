#!/usr/bin/env bash
# What WeStage does for one labelled pull request, as a person would script it with curl, kustomize and git: reads the
# numbers of pull requests from standard input, previews one after the other, and prints a line of JSON for each.
#
# Equal to WeStage's run: pull request read afresh, Deployment with its statuses, Check run, archive at the SHA, render,
# namespace, hosts, variables, labels and annotations, preview.yaml, one commit with the same trailers, one push, the
# Application live at that commit, the host answering, success told.
# Left out, all of which WeStage does: webhook and signature, asking what was told or committed before, scan of the
# kustomization and caps on archive and tool, parsing and checking of manifests and of preview.yaml, references to
# namespaces, clashes of names and hosts, image digests, log and steps and links in the Check run, its update after the
# commit, earlier revisions of the pull request, retries, and lost races for the branch.
set -euo pipefail
export LC_ALL=C
: "${GITHUB_API:?}" "${GITHUB_TOKEN:?}" "${REPOSITORY:?}" "${KUBE_API:?}" "${KUBE_TOKEN:?}" "${PREVIEW_ADDRESS:?}"
: "${CLONE:?a clone of the GitOps repo}" "${KUSTOMIZE:?the command that renders a folder}" "${WORK:?}"
app=${REPOSITORY#*/}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/timed-steps.sh"

github() {
  curl --silent --show-error --fail-with-body --header "authorization: token $GITHUB_TOKEN" \
    --header 'accept: application/vnd.github+json' --header 'x-github-api-version: 2022-11-28' \
    --header 'content-type: application/json' "$@"
}
fail() { printf 'by-hand: %s\n' "$*" >&2; exit 1; }
# Everything that is wanted of an answer stands in `found` then.
find_in() { [[ $1 =~ $2 ]] || fail "not in the answer: $2"; found=("${BASH_REMATCH[@]}"); }
status() {
  github --output /dev/null --data "{\"state\":\"$1\",\"description\":\"$2\",\"log_url\":\"$page\",\"auto_inactive\":false${3:-}}" \
    "$GITHUB_API/repos/$REPOSITORY/deployments/$deployment/statuses"
}
is_live() {
  local application
  application=$(curl --silent --show-error --header "authorization: Bearer $KUBE_TOKEN" \
    "$KUBE_API/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/westage-$app-pr-$number")
  [[ $application == *"\"sync\":{\"status\":\"Synced\",\"revision\":\"$commit\""* ]] &&
    [[ $application == *'"phase":"Succeeded"'* && $application == *'"health":{"status":"Healthy"'* ]]
}

preview() {
  number=$1 steps='' at=${EPOCHREALTIME/./}
  local pull sha branch slug namespace host url folder dir check committed_at
  pull=$(github "$GITHUB_API/repos/$REPOSITORY/pulls/$number")
  find_in "$pull" '"head":\{[^{}]*"ref":"([^"]+)","sha":"([0-9a-f]{40})"' && branch=${found[1]} sha=${found[2]}
  find_in "$pull" '"user":\{"login":"([^"]+)"' && author=${found[1]}
  find_in "$pull" '"html_url":"([^"]*/pull/[0-9]+)"' && pull_url=${found[1]}
  find_in "$pull" '"base":\{.*"repo":\{"id":([0-9]+)' && repository_id=${found[1]}
  slug=${branch,,} slug=${slug//[^a-z0-9]/-}
  namespace=westage-$app-$slug folder=previews/$app/pr-$number dir=$CLONE/$folder
  page=https://westage.example.com/previews/$app/pr-$number

  find_in "$(github --data "{\"ref\":\"$sha\",\"environment\":\"westage/$app/pr-$number\",\"description\":\"Preview of a pull request\",\"auto_merge\":false,\"required_contexts\":[],\"transient_environment\":true,\"production_environment\":false}" \
    "$GITHUB_API/repos/$REPOSITORY/deployments")" '"id":([0-9]+)' && deployment=${found[1]}
  status queued 'The preview is being made'
  find_in "$(github --data "{\"name\":\"westage / $app\",\"head_sha\":\"$sha\",\"external_id\":\"$repository_id/$number/$app\",\"details_url\":\"$page\",\"status\":\"in_progress\",\"output\":{\"title\":\"Preparing the preview\",\"summary\":\"Making a preview of ${sha:0:7}.\"}}" \
    "$GITHUB_API/repos/$REPOSITORY/check-runs")" '"id":([0-9]+)' && check=${found[1]}
  status in_progress 'The preview is being made'
  ended told

  rm -rf "$WORK/repo" "$dir" && mkdir -p "$WORK/repo" "$dir/manifests"
  github --location "$GITHUB_API/repos/$REPOSITORY/tarball/$sha" | tar -xz -C "$WORK/repo" --strip-components=1
  ended fetch

  $KUSTOMIZE "$WORK/repo/k8s/overlays/preview" >"$WORK/rendered.yaml"
  ended render

  host=$(awk '/^ *- host: / { print $3; exit }' "$WORK/rendered.yaml")
  url=http://$slug-$host:${PREVIEW_ADDRESS#*:}
  awk -v app="$app" -v slug="$slug" -v own_namespace="$namespace" -v pull="$number" -v pull_url="$pull_url" -v sha="$sha" \
    -v branch="$branch" -v host="$slug-$host" -v url="$url" -v dir="$dir/manifests" -f "$here/by-hand.awk" "$WORK/rendered.yaml"
  cat >"$dir/preview.yaml" <<END
app: $app
slug: $slug
namespace: $namespace
repository:
  id: $repository_id
  name: $REPOSITORY
pull:
  number: $number
  url: $pull_url
  branch: $branch
  author: $author
sha: $sha
url: $url
hosts:
  - $slug-$host
images: {}
page: $page
destination:
  name: in-cluster
  server: ''
callbacks: []
END
  ended transform

  git -C "$CLONE" add "$folder"
  git -C "$CLONE" commit --quiet --file - <<END
$app #$number: preview ${sha:0:7}

Branch: $branch

WeStage-Preview: $repository_id/$number/$app
WeStage-Run: $page
Pull-Request: $pull_url
Head-SHA: $sha
END
  git -C "$CLONE" push --quiet origin HEAD:main
  ended commit
  committed_at=$((at / 1000))

  commit=$(git -C "$CLONE" rev-parse HEAD)
  until is_live; do
    ((${EPOCHREALTIME/./} - at < 60000000)) || fail "#$number was not live within a minute"
    sleep 0.05
  done
  ended sync

  curl --silent --show-error --fail --output /dev/null --header "host: $slug-$host" "http://$PREVIEW_ADDRESS/"
  ended resolve

  status success "Live at $url" ",\"environment_url\":\"$url\""
  github --output /dev/null --request PATCH \
    --data "{\"status\":\"completed\",\"conclusion\":\"success\",\"output\":{\"title\":\"Live at $url\",\"summary\":\"The preview of ${sha:0:7} is live.\"}}" \
    "$GITHUB_API/repos/$REPOSITORY/check-runs/$check"
  ended reported
  printf '{"pull":%s,"committedAtMs":%s,"steps":{%s}}\n' "$number" "$committed_at" "$steps"
}

while read -r next; do preview "$next"; done
