import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy;
import org.hl7.fhir.utilities.http.ManagedWebAccess;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.utilities.validation.ValidationMessage.IssueSeverity;
import org.hl7.fhir.validation.ValidationEngine;
import org.hl7.fhir.validation.instance.advisor.BasePolicyAdvisorForFullValidation;

/**
 * Validates R4 JSON files offline, all in one start: Validate [-ig folder]... file-or-folder...
 *
 * <p>A line for each issue: file, severity, place, message; then a line for each file: file, "checked", milliseconds.
 * Exit status 0 when every file was looked at, whatever was found.
 */
public class Validate {
  public static void main(String[] args) throws Exception {
    // The validator reports its own progress on standard output, which is ours.
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    ValidationEngine engine = engine();
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("-ig")) {
        engine.getIgLoader().loadIg(engine.getIgs(), engine.getBinaries(), args[++i], true);
      } else {
        files.addAll(filesAt(Path.of(args[i])));
      }
    }
    engine.prepare();
    for (Path file : files) {
      long start = System.nanoTime();
      for (ValidationMessage each : validate(engine, file)) {
        out.printf("%s\t%s\t%s\t%s%n", file, each.getLevel(), line(each.getLocation()), line(each.getMessage()));
      }
      out.printf("%s\tchecked\t%.0f%n", file, (System.nanoTime() - start) / 1e6);
    }
  }

  private static ValidationEngine engine() throws Exception {
    ManagedWebAccess.setAccessPolicy(ManagedWebAccess.WebAccessPolicy.PROHIBITED);
    ValidationEngine engine = new ValidationEngine.ValidationEngineBuilder()
        .withVersion("4.0.1").withNoTerminologyServer().withCanRunWithoutTerminologyServer(true)
        .withThoVersion(null).withExtensionsVersion(null)
        .fromSource("hl7.fhir.r4.core#4.0.1");
    engine.setAllowExampleUrls(true);
    engine.setPolicyAdvisor(
        new BasePolicyAdvisorForFullValidation(ReferenceValidationPolicy.CHECK_TYPE_IF_EXISTS, Set.of()));
    return engine;
  }

  private static List<Path> filesAt(Path path) throws Exception {
    if (!Files.isDirectory(path)) return List.of(path);
    try (var found = Files.walk(path)) {
      return found.filter(each -> each.toString().endsWith(".json")).sorted().toList();
    }
  }

  private static List<ValidationMessage> validate(ValidationEngine engine, Path file) throws Exception {
    List<ValidationMessage> messages = new ArrayList<>();
    try {
      engine.validate(Files.readAllBytes(file), FhirFormat.JSON, List.of(), messages);
    } catch (Exception e) {
      messages.add(new ValidationMessage().setLevel(IssueSeverity.FATAL).setMessage(e.toString()));
    }
    return messages;
  }

  private static String line(String text) {
    return text == null ? "" : text.replaceAll("\\s+", " ");
  }
}
