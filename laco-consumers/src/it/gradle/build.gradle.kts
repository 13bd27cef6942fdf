plugins {
    java
}

repositories {
    maven(uri(providers.gradleProperty("laco.repository").get()))
    mavenCentral()
}

// As README.md has it, for one operating system.
dependencies {
    implementation(platform("org.laco:laco-bom:0.2.0-SNAPSHOT"))
    implementation("org.laco:laco-io")
    runtimeOnly("org.laco:laco-onednn")
    runtimeOnly("org.nd4j:nd4j-native")
    runtimeOnly("org.nd4j:nd4j-native::linux-x86_64")
    runtimeOnly("org.bytedeco:javacpp::linux-x86_64")
    runtimeOnly("org.bytedeco:openblas::linux-x86_64")
}

dependencies {
    testImplementation("org.junit.jupiter:junit-jupiter:5.14.1")
    testImplementation("org.assertj:assertj-core:3.27.7")
    testRuntimeOnly("org.junit.platform:junit-platform-launcher")
}

// The same test as of the consumer for Maven.
sourceSets.test {
    java.srcDir("../../../src/it/maven/src/test/java")
}

tasks.test {
    useJUnitPlatform()
    systemProperty("model", providers.gradleProperty("laco.model").get())
}
