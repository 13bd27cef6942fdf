// Searches for layers to merge; run after open.jsh.  ./laco jshell laco-examples/jshell/open.jsh laco-examples/jshell/collapse.jsh
import org.laco.merge.*

var calibration = Calibration.ofTokens(checkpoint.tokenizer().encode("Pelka has a cow. It eats grass."), checkpoint.tokenizer().encode("At night it sleeps in the barn."))
var collapse = LayerCollapse.builder().range(1, 12).layersPerMerge(3).interval(1).threshold(0.85).calibration(calibration).build()
var result = collapse.apply(model)
System.out.println("layers now " + result.plan().size())
System.out.println("similar " + (result.similarity() > 0.85))
