// @kubernetes/client-node.
const k8s = require('@kubernetes/client-node');
const config = new k8s.KubeConfig();
config.loadFromDefault();
config.setCurrentContext(process.argv[2]);
config.makeApiClient(k8s.CoreV1Api).listNamespace().then(
  (list) => (list.items ?? list.body.items).forEach((namespace) => console.log(namespace.metadata.name)),
  (error) => { console.error(error); process.exit(1); },
);
