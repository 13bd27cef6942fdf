// Writes the collapsed model and opens it again; run after collapse.jsh.
var target = Files.createTempDirectory("laco-jshell").resolve("collapsed")
var written = CheckpointWriter.builder().build().write(checkpoint, result, target)
try (HfCheckpoint reopened = HfCheckpoint.open(written.directory())) { System.out.println("reopened with layers " + reopened.model().layerCount()); }
System.out.println("record " + Files.exists(target.resolve(CollapseRecord.FILE_NAME)))
checkpoint.close()
