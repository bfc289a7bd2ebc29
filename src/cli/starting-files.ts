/** The files that `westage init` writes. What is commented out is a setting's default, or an example of it. */

/** An instance's settings: what is required, with values to put one's own in place of. */
export const STARTING_INSTANCE = `# The settings of a WeStage instance: put your own in place of what stands here.
# What is commented out is a default or an example. Secrets come from the environment.

publicUrl: https://westage.example.com # where people and GitHub reach WeStage

github:
  appId: 1 # the GitHub App's id; its key is WESTAGE_GITHUB_PRIVATE_KEY, its webhook secret WESTAGE_WEBHOOK_SECRET
#   apiUrl: https://api.github.com # Enterprise Server: https://<host>/api/v3

gitops:
  url: https://github.com/your-org/previews.git # previews are committed there
#   branch: main

# argocd:
#   namespace: argocd
#   destination: in-cluster # a cluster by its name in Argo CD, or by its API server's address
#   nudge:
#     via: none # or webhook, annotations: Argo CD looks at once after a push

# builder: local # none, local, docker, buildah, buildkit, external
# registry:
#   repository: registry.example.com/previews/{app}
#   authFile: /etc/westage/registry.json

# hosts:
#   template: "{slug}-{host}" # a wildcard certificate covers one label
#   wildcards: refuse # or map
#   tls: keep # or strip, or a wildcard certificate's Secret: { secret: wildcard-tls }

# manifests:
#   clusterScoped: refuse # or rename
#   cronJobs: suspend # or run
#   limits: { replicas: 2, cpu: 500m, memory: 1Gi } # the most that one workload, and one container of it, may have

# addons: # passwords are derived from WESTAGE_ADDON_SECRET, at least 32 characters
#   allowed: [mysql, redis] # what a repo's .westage.yaml may ask for

# policy:
#   profile: standard # or strict, trusted

# namespace: # each can be null
#   quota: { pods: 40, requests.cpu: 4, requests.memory: 8Gi }
#   limits:
#     defaultRequest: { cpu: 50m, memory: 64Mi }
#     default: { memory: 1Gi }
#   network:
#     ingressFrom: [ingress-nginx] # namespaces of ingress controllers
#     internet: true

# apps: # only for repos that the conventions do not fit
#   - name: shop
#     repository: your-org/shop
#     folder: k8s/overlays/preview
#     image: shop
#     env: { LOG_LEVEL: debug }
#     addons: { mysql: { database: shop } }
`

/** What a repo chooses for its previews: nothing yet. */
export const STARTING_APP = `# What this repo chooses for its previews, read from the head of each pull request.
# All of it is optional: what is commented out is an example.

# folder: k8s/overlays/preview # the kustomize folder
# context: .
# dockerfile: Dockerfile
# build: { args: { NODE_ENV: production }, target: web }
# image: shop # the image in the manifests that the built one replaces

# when: changed # of several apps in a repo: only those that a pull request changes
# paths: [services/web, libs] # what is an app's own, where that is more than what it is made of

# expose: [shop.example.com] # of the hosts in the manifests, those that the preview answers for
# followHosts: true # old hosts inside variables and ConfigMaps become the preview's own
# replicas: { web: 2 } # within the instance's cap
# cronJobs: [nightly] # those that run

# addons: # of those that the instance allows
#   mysql: { database: shop, seed: [db/schema.sql] }
#   redis: {}

# callbacks:
#   - source: stripe
#     path: /webhooks/stripe
#     missed: true # also what came before the preview was there

# apps: # for a repo with several apps: the same settings, each over the one above
#   shop-api:
#     folder: services/api/k8s/preview
#     images: # of an app with several, instead of context, dockerfile, build and image
#       api: { dockerfile: services/api/Dockerfile }
#       worker: { dockerfile: services/worker/Dockerfile, image: shop-jobs }
`
