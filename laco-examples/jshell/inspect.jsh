// Looks at what a search did; run after collapse.jsh.
for (var step : result.steps()) { System.out.printf("%d-%d %.4f %s%n", step.layer(), step.layer() + step.merged(), step.score().orElseThrow().value(), step.accepted() ? "merged" : "refused"); }
System.out.println("sources " + result.plan().sources())
