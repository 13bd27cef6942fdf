package org.laco.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Holds what each package of the command line may depend on. */
@AnalyzeClasses(
        packages = {
            "org.laco.cli",
            "org.laco.depth",
            "org.laco.output",
            "org.laco.page",
            "org.laco.similarity",
            "org.laco.sweep",
            "org.laco.synthesize"
        },
        importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule nothingDependsOnTheMainClass = noClasses()
            .that()
            .resideOutsideOfPackage("org.laco.cli")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.laco.cli");

    @ArchTest
    static final ArchRule packagesAreFreeOfCycles =
            slices().matching("org.laco.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule whatComputesKnowsNothingOfTheCommandLine = noClasses()
            .that()
            .resideOutsideOfPackage("org.laco.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.laco.cli..", "picocli..");
}
