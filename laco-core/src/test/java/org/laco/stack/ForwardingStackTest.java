package org.laco.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.tensor.Precision;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Asks a wrapper every method of every interface that a stack can have. */
class ForwardingStackTest {
    private static final ImmutableList<Class<?>> INTERFACES = ImmutableList.of(
            LayerStack.class,
            LanguageStack.class,
            Branching.class,
            Fittable.class,
            Trainable.class,
            Footprint.class,
            Arithmetic.class);

    /** What a wrapper answers for itself, as its documentation says. */
    private static final ImmutableSet<String> OWN = ImmutableSet.of("collapsed", "in", "withOutside");

    /** What is answered by the wrapper's own logits. */
    private static final ImmutableList<Class<?>> LOGITS_OF_SOME = ImmutableList.of(INDArray.class, int[].class);

    static Stream<Method> forwardedMethods() {
        return INTERFACES.stream()
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isSynthetic())
                .filter(method -> !OWN.contains(method.getName()))
                .filter(method -> !Arrays.asList(method.getParameterTypes()).contains(LogitPart.class))
                .filter(method -> !LOGITS_OF_SOME.equals(ImmutableList.copyOf(method.getParameterTypes())));
    }

    @ParameterizedTest
    @MethodSource("forwardedMethods")
    void answersAsTheStackThatItWraps(Method method) throws ReflectiveOperationException {
        ForwardingStack wrapper = new ForwardingStack(answering(method.getName())) {};
        Object[] arguments = Arrays.stream(method.getParameterTypes())
                .map(ForwardingStackTest::argument)
                .toArray();

        // Vocabulary is asked on the way to the logits, so that other answers than those of the method are given too.
        assertThatThrownBy(() -> method.invoke(wrapper, arguments))
                .isInstanceOf(InvocationTargetException.class)
                .cause()
                .isInstanceOf(Asked.class)
                .hasMessage(method.getName() + Arrays.toString(arguments));
    }

    private static Object argument(Class<?> type) {
        return ImmutableMap.<Class<?>, Object>of(int.class, 3, long.class, 3L, boolean.class, true)
                .get(type);
    }

    @Test
    void overridesEveryMethodButThoseItAnswersItself() {
        assertThat(forwardedMethods().map(Method::getName).distinct())
                .allSatisfy(name -> assertThat(Arrays.stream(ForwardingStack.class.getDeclaredMethods())
                                .map(Method::getName))
                        .contains(name));
    }

    @Test
    void offersNoLessPrecisionSinceThatWouldLeaveTheWrapperOut() {
        ForwardingStack wrapper = new ForwardingStack(ToyLanguageStack.ofLayers(3)) {};
        assertThat(wrapper.in(Precision.BFLOAT16)).isEmpty();
        assertThat(wrapper.in(Precision.FLOAT32).orElseThrow()).isSameAs(wrapper);
    }

    @Test
    void makesPartsOfTheLogitsThatASubclassChanged() {
        LanguageStack doubling = new ForwardingStack(ToyLanguageStack.ofLayers(1)) {
            @Override
            public INDArray logits(INDArray output) {
                return super.logits(output).muli(2);
            }
        };
        INDArray output = doubling.embed(Calibration.ofTokens(new int[] {1, 0}));
        List<INDArray> parts = new ArrayList<>();

        doubling.logits(output, (first, part) -> parts.add(part.dup()));

        assertThat(parts).containsExactly(doubling.logits(output));
    }

    /** A stack of all interfaces that throws what it was asked. */
    private static LayerStack answering(String asked) {
        return (LayerStack) Proxy.newProxyInstance(
                ForwardingStackTest.class.getClassLoader(),
                INTERFACES.toArray(Class<?>[]::new),
                (proxy, method, arguments) -> {
                    if (method.getName().equals("vocabulary") && !asked.equals("vocabulary")) {
                        return 7;
                    }
                    throw new Asked(method.getName() + Arrays.toString(arguments == null ? new Object[0] : arguments));
                });
    }

    private static final class Asked extends RuntimeException {
        private static final long serialVersionUID = 1;

        Asked(String message) {
            super(message);
        }
    }
}
