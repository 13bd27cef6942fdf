package org.laco.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableList;
import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.laco.plan.CollapsePlan;

/**
 * Plans that a search wanted scored together. How many they were can change a score in its last digits, so that only all of them make the
 * same question.
 *
 * @param kind how they were scored: {@code confirm}, {@code screen} or {@code fitted}
 * @param plans the SHA-256 of each plan's JSON, which holds that of fitted weights
 */
record JournalQuestion(String kind, ImmutableList<String> plans) {
    static JournalQuestion of(String kind, List<CollapsePlan> plans) {
        PlanJson json = new PlanJson();
        return new JournalQuestion(
                kind,
                plans.stream()
                        .map(plan -> Hashing.sha256()
                                .hashString(json.encode(plan).toString(), StandardCharsets.UTF_8)
                                .toString())
                        .collect(ImmutableList.toImmutableList()));
    }

    void encode(ObjectNode node) {
        node.put("asked", kind);
        ArrayNode hashes = node.putArray("plans");
        plans.forEach(hashes::add);
    }

    static JournalQuestion decode(JsonNode node) {
        ImmutableList.Builder<String> hashes = ImmutableList.builder();
        node.path("plans").forEach(hash -> hashes.add(hash.asText()));
        return new JournalQuestion(node.path("asked").asText(), hashes.build());
    }
}
