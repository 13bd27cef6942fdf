package org.laco.search;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.laco.fit.FitCost;

class ListenerPairTest {
    private static final ImmutableMap<Class<?>, Object> ARGUMENTS = ImmutableMap.of(
            int.class,
            7,
            long.class,
            8L,
            Optional.class,
            Optional.empty(),
            CollapseStep.class,
            CollapseStep.skipped(3, 1, "a test"),
            FitCost.class,
            new FitCost(Duration.ofSeconds(1), 2, 3, 4));

    /** What was told to whom. */
    private final List<List<Object>> told = new ArrayList<>();

    /** Every event that a listener may be told of, inherited ones included. */
    static Stream<Method> events() {
        return Arrays.stream(CollapseListener.class.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers())
                        && !method.getName().equals("andThen"));
    }

    @ParameterizedTest
    @MethodSource("events")
    void tellsBothOfEveryEventInTurn(Method event) throws ReflectiveOperationException {
        Object[] arguments = Arrays.stream(event.getParameterTypes())
                .map(ListenerPairTest::argument)
                .toArray();

        event.invoke(listener("first").andThen(listener("second")), arguments);

        assertThat(told).containsExactly(call("first", event, arguments), call("second", event, arguments));
    }

    private static Object argument(Class<?> type) {
        assertThat(ARGUMENTS).as("an argument for the events").containsKey(type);
        return ARGUMENTS.get(type);
    }

    private CollapseListener listener(String name) {
        return (CollapseListener) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {CollapseListener.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("andThen")) {
                        return InvocationHandler.invokeDefault(proxy, method, arguments);
                    }
                    told.add(call(name, method, arguments));
                    return null;
                });
    }

    private static List<Object> call(String name, Method event, Object[] arguments) {
        return ImmutableList.builder().add(name, event.getName()).add(arguments).build();
    }
}
