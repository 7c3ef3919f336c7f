// helm template and helm lint of one chart for many values, in one JVM:
//   java -cp JARS HelmRender.java CHART OUT KUBE_VERSION RELEASE NAMESPACE VALUES.yaml...
// Writes OUT/<n>.yaml, or OUT/<n>.error with what Helm said; OUT/lint has what lint says of the defaults.
import com.marcnuri.helm.Helm;
import java.nio.file.Files;
import java.nio.file.Path;

class HelmRender {
  public static void main(String[] args) throws Exception {
    Path out = Path.of(args[1]);
    Helm helm = new Helm(Path.of(args[0]));
    for (int n = 5; n < args.length; n++) {
      try {
        String text = helm.template().withName(args[3]).withNamespace(args[4]).withKubeVersion(args[2]).withValuesFile(Path.of(args[n])).call();
        Files.writeString(out.resolve(n - 5 + ".yaml"), text);
      } catch (Exception error) {
        Files.writeString(out.resolve(n - 5 + ".error"), String.valueOf(error.getMessage()));
      }
    }
    var lint = helm.lint().strict().call();
    Files.writeString(out.resolve("lint"), (lint.isFailed() ? "failed\n" : "") + String.join("\n", lint.getMessages()));
  }
}
