package org.laco.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.ObjectInputStream;
import java.net.URI;
import java.net.URL;
import org.nd4j.linalg.factory.Nd4j;

/** Holds what laco's own code reaches for in none of its modules: the network, and readers that make objects of whatever a file says. */
@AnalyzeClasses(packages = "org.laco", importOptions = ImportOption.DoNotIncludeTests.class)
class ReachTest {
    @ArchTest
    static final ArchRule nothingOpensAConnection = noClasses()
            .should()
            .dependOnClassesThat(resideInAnyPackage("java.net..", "javax.net..", "java.rmi..")
                    // Resources on the class path have addresses too.
                    .and(not(belongToAnyOf(URI.class, URL.class))))
            .orShould()
            .dependOnClassesThat(nameMatching("java\\.nio\\.channels\\.\\w*(Socket|Datagram|Network)\\w*"))
            .orShould()
            .callMethodWhere(target(owner(belongToAnyOf(URL.class)))
                    .and(target(nameMatching("openConnection|openStream|getContent"))));

    @ArchTest
    static final ArchRule noFileDecidesWhichClassesAreMade = noClasses()
            .should()
            .dependOnClassesThat(belongToAnyOf(ObjectInputStream.class, JsonTypeInfo.class))
            .orShould()
            .dependOnClassesThat(resideInAnyPackage("java.beans..", "javax.script..", "javax.xml.."))
            .orShould()
            .callMethodWhere(target(nameMatching("(activate|enable|set)DefaultTyping.*")));

    @ArchTest
    static final ArchRule noFileIsReadByNd4j = noClasses()
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    "org.nd4j.shade..", "org.nd4j.serde..", "org.nd4j.imports..", "org.nd4j.autodiff.."))
            .orShould()
            .callMethodWhere(target(owner(belongToAnyOf(Nd4j.class)))
                    .and(target(nameMatching("(read|load|createNpy|createFromNp|fromNpy|fromByteArray).*"))));
}
