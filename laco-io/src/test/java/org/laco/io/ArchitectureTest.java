package org.laco.io;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Holds what the packages of the IO module may depend on. */
@AnalyzeClasses(packages = "org.laco", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule theArraysOfTheFormatKnowTensorsOnly = noClasses()
            .that()
            .resideInAPackage("org.laco.io.array..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.laco",
                    "org.laco.io",
                    "org.laco.model..",
                    "org.laco.search..",
                    "org.laco.merge..",
                    "org.laco.measure..",
                    "org.laco.kernel..");

    @ArchTest
    static final ArchRule theCoreKnowsNoFiles = noClasses()
            .that()
            .resideInAPackage("org.laco..")
            .and()
            .resideOutsideOfPackage("org.laco.io..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.laco.io..", "com.fasterxml..", "ai.djl..");

    @ArchTest
    static final ArchRule onlyTheTokenizerKnowsItsLibrary = noClasses()
            .that()
            .resideInAPackage("org.laco..")
            .and()
            .doNotHaveFullyQualifiedName("org.laco.io.HfTokenizer")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("ai.djl..");
}
