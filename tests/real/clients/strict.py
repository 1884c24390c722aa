"""lightkube: knows v1beta1 only."""
import sys
from lightkube import Client, KubeConfig
from lightkube.resources.core_v1 import Namespace

config = KubeConfig.from_env().get(context_name=sys.argv[1])
for namespace in Client(config=config).list(Namespace):
    print(namespace.metadata.name)
