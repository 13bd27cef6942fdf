package org.laco.io.safetensors;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Holds what one gets who takes this module alone. */
@AnalyzeClasses(packages = "org.laco", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule theFormatNeedsTheJdkAndGuavaOnly = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "com.google.common..",
                    "com.fasterxml.jackson.core..",
                    "org.laco.io.safetensors",
                    "org.laco.io.file");
}
