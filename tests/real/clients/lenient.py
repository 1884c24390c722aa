"""The official Python client: lenient about versions."""
import sys
from kubernetes import client, config

config.load_kube_config(context=sys.argv[1])
for namespace in client.CoreV1Api().list_namespace().items:
    print(namespace.metadata.name)
