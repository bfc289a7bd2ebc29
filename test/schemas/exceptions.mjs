/**
 * `folder Kind/name` -> why it is not valid. What authors of the corpus wrote that no API server takes reaches the server
 * as it is, and is told in the server's own words; and where a schema asks for more than its project does.
 */
const OLD_BACKEND = 'the backend of extensions/v1beta1 under networking.k8s.io/v1, as the corpus says'
const NO_NAME = 'Knative gives a container without a name one itself (Knative: Serving API, Container)'

export const EXCEPTIONS = new Map([
  ['argocd-testdata/networking Ingress/guestbook-ui', OLD_BACKEND],
  ['argocd-testdata/networking Ingress/guestbook-ui-2', OLD_BACKEND],
  ['knative/gitwebhook-go Secret/githubsecret', 'placeholders of its authors where base64 has to be'],
  ['knative/multi-container Service/multi-container', NO_NAME],
  ['knative/gitwebhook-go Service/gitwebhook', NO_NAME],
  ['knative/secrets-go Service/secrets-go', NO_NAME],
  ['knative/cloudevents-nodejs Service/cloudevents-nodejs', NO_NAME],
  ['knative/kafka/binding Service/event-display', NO_NAME],
  ['knative/bookstore Sequence/sequence', 'the schema knows fewer kinds of channels than Knative'],
  ['knative/bookstore SinkBinding/node-sinkbinding', 'the schema asks for the status, which Knative writes'],
])
