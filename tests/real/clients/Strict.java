// fabric8: compares the answer's version with the entry's, and reads stdout and stderr as one.
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;

public class Strict {
    public static void main(String[] args) {
        try (KubernetesClient client = new KubernetesClientBuilder().withConfig(Config.autoConfigure(args[0])).build()) {
            client.namespaces().list().getItems().forEach(it -> System.out.println(it.getMetadata().getName()));
        }
    }
}
