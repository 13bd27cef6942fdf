package org.laco;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Holds what each package of the core may depend on. */
@AnalyzeClasses(packages = "org.laco", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] LIBRARIES = {
        "java..", "org.nd4j..", "org.bytedeco.javacpp..", "com.google.common..", "org.slf4j.."
    };

    @ArchTest
    static final ArchRule coreNeedsOnlyItsLibraries = classes()
            .that()
            .resideInAPackage("org.laco..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(with("org.laco.."));

    @ArchTest
    static final ArchRule nothingDependsOnTheFacade = noClasses()
            .that()
            .resideOutsideOfPackage("org.laco")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.laco");

    @ArchTest
    static final ArchRule packagesAreFreeOfCycles =
            slices().matching("org.laco.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule tensorsKnowNothingOfModels = classes()
            .that()
            .resideInAPackage("org.laco.tensor..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(with("org.laco.tensor..", "org.laco.base.."));

    @ArchTest
    static final ArchRule mergeRulesKnowNothingOfModels = classes()
            .that()
            .resideInAPackage("org.laco.merge..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(with("org.laco.merge..", "org.laco.base..", "org.laco.tensor.."));

    @ArchTest
    static final ArchRule searchesKnowStacksButNoModels = noClasses()
            .that()
            .resideInAnyPackage(
                    "org.laco",
                    "org.laco.search..",
                    "org.laco.evaluate..",
                    "org.laco.fit..",
                    "org.laco.stack..",
                    "org.laco.plan..",
                    "org.laco.merge..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.laco.model..");

    @ArchTest
    static final ArchRule blocksAndFamiliesKnowNothingOfSearches = noClasses()
            .that()
            .resideInAnyPackage("org.laco.model..", "org.laco.kernel..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.laco.search..");

    private static String[] with(String... packages) {
        String[] all = new String[LIBRARIES.length + packages.length];
        System.arraycopy(LIBRARIES, 0, all, 0, LIBRARIES.length);
        System.arraycopy(packages, 0, all, LIBRARIES.length, packages.length);
        return all;
    }
}
