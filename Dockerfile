# The image of WeStage: the service, its workers (`westage worker`), WeHook (`westage wehook`) and its commands. Nothing in
# it writes outside of /var/lib/westage and /tmp, so its root can be read-only.
#   docker build -t westage .
#   docker build -t westage:buildctl --target with-buildctl .    for builder: buildkit

FROM docker.io/library/node:24.18.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM registry.k8s.io/kustomize/kustomize:v5.7.1 AS kustomize

FROM docker.io/moby/buildkit:v0.34.2 AS buildkit

FROM docker.io/library/node:24.18.0-bookworm-slim AS westage
ENV NODE_ENV=production
COPY --from=kustomize /app/kustomize /usr/local/bin/kustomize
COPY package.json LICENSE /opt/westage/
COPY gitops-template /opt/westage/gitops-template
COPY argocd /opt/westage/argocd
COPY --from=build /build/node_modules /opt/westage/node_modules
COPY --from=build /build/dist /opt/westage/dist
RUN chmod 755 /opt/westage/dist/cli/westage.js \
 && ln -s /opt/westage/dist/cli/westage.js /usr/local/bin/westage \
 && mkdir /var/lib/westage && chown 1000:1000 /var/lib/westage
# `dataDir` is ./data unless it is set.
WORKDIR /var/lib/westage
# The user `node`, as a number: by a name Kubernetes can't tell that it is not root.
USER 1000:1000
EXPOSE 8080
ENTRYPOINT ["westage"]

# buildctl asks a buildkitd elsewhere: there is none in the image.
FROM westage AS with-buildctl
COPY --from=buildkit /usr/bin/buildctl /usr/local/bin/buildctl

# What is built where no stage is named.
FROM westage
