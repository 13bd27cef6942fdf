// Opens the model that comes with laco and looks at it.  ./laco jshell laco-examples/jshell/open.jsh
import java.nio.file.*
import org.laco.*
import org.laco.plan.*
import org.laco.stack.*
import org.laco.io.*
import org.laco.examples.EmbeddedModel

var embedded = EmbeddedModel.extractTo(Files.createTempDirectory("laco-jshell"))
var checkpoint = HfCheckpoint.open(embedded.model())
var model = checkpoint.model()
System.out.println("layers " + model.layerCount())
System.out.println("parameters " + model.parameterCount())
System.out.println("tokens " + Arrays.toString(checkpoint.tokenizer().encode("Pelka has a cow.")))
