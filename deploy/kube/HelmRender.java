// helm template and helm lint of one chart for many values, in one JVM:
//   java -cp JARS HelmRender.java CHART RENDERED OUT KUBE_VERSION RELEASE NAMESPACE VALUES.yaml...
// Writes RENDERED with each values as OUT/<n>.yaml, or OUT/<n>.error with what Helm said; OUT/lint has what lint says of CHART and its defaults.
import com.marcnuri.helm.Helm;
import java.nio.file.Files;
import java.nio.file.Path;

class HelmRender {
  public static void main(String[] args) throws Exception {
    Path out = Path.of(args[2]);
    Helm helm = new Helm(Path.of(args[1]));
    for (int n = 6; n < args.length; n++) {
      try {
        String text = helm.template().withName(args[4]).withNamespace(args[5]).withKubeVersion(args[3]).withValuesFile(Path.of(args[n])).call();
        Files.writeString(out.resolve(n - 6 + ".yaml"), text);
      } catch (Exception error) {
        Files.writeString(out.resolve(n - 6 + ".error"), String.valueOf(error.getMessage()));
      }
    }
    var lint = new Helm(Path.of(args[0])).lint().strict().call();
    Files.writeString(out.resolve("lint"), (lint.isFailed() ? "failed\n" : "") + String.join("\n", lint.getMessages()));
  }
}
