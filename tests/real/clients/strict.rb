# kubeclient: compares the answer's version with the entry's, and sets no KUBERNETES_EXEC_INFO.
require 'kubeclient'
context = Kubeclient::Config.read(File.join(Dir.home, '.kube/config')).context(ARGV[0])
client = Kubeclient::Client.new(context.api_endpoint, 'v1', ssl_options: context.ssl_options, auth_options: context.auth_options)
client.get_namespaces.each { |namespace| puts namespace.metadata.name }
