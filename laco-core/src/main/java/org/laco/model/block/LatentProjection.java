package org.laco.model.block;

import com.google.common.collect.ImmutableList;
import java.util.function.Consumer;
import org.laco.kernel.Kernels;
import org.laco.stack.Gradients;
import org.laco.stack.Recording;
import org.laco.tensor.LayerWeights;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Queries, keys and values of multi-head latent attention (DeepSeek-AI, arXiv 2405.04434, section 2.1): keys and values of all heads come
 * from one narrow latent vector, beside which one key is rotated for all heads.
 *
 * <p>Scores don't depend on the order of a head's elements, so those that are rotated come first here, where {@link Attention} rotates
 * them; checkpoints have them last. Keys and values are filled up with zeros to {@code headSize}.
 *
 * @param query the blocks from hidden states to queries, for each head its plain elements, then those that are rotated
 * @param down the map to the latent vector and the rotated key
 * @param norm the norm of the latent vector
 * @param up the map from it, for each head to the plain elements of the key, then the values
 * @param sizes the sizes of heads
 */
public record LatentProjection(ImmutableList<Block> query, Linear down, Block norm, Linear up, LatentHeads sizes)
        implements Projection {
    @Override
    public QueryKeyValue apply(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        INDArray plain = Chain.apply(query, x, weights, pass);
        INDArray queries = sizes.queries(plain);
        kernels.release(plain);
        INDArray both = down.apply(x, weights, pass);
        INDArray rotated = rotated(both);
        INDArray latent = latent(both);
        kernels.release(both);
        INDArray normed = norm.apply(latent, weights, pass);
        kernels.release(latent);
        INDArray expanded = up.apply(normed, weights, pass);
        kernels.release(normed);
        QueryKeyValue parts = new QueryKeyValue(queries, sizes.keys(expanded, rotated), sizes.values(expanded));
        kernels.release(expanded);
        kernels.release(rotated);
        return parts;
    }

    private INDArray latent(INDArray both) {
        return Columns.copy(both, 0, up.in());
    }

    private INDArray rotated(INDArray both) {
        return Columns.copy(both, up.in(), down.out());
    }

    @Override
    public RecordedProjection record(INDArray x, LayerWeights weights, ForwardPass pass) {
        Kernels kernels = pass.kernels();
        Recording plain = Chain.record(query, x, weights, pass);
        INDArray queries = sizes.queries(plain.output());
        Recording both = down.record(x, weights, pass);
        INDArray rotated = rotated(both.output());
        INDArray latent = latent(both.output());
        Recording normed = norm.record(latent, weights, pass);
        Recording expanded = up.record(normed.output(), weights, pass);
        INDArray keys = sizes.keys(expanded.output(), rotated);
        INDArray values = sizes.values(expanded.output());
        return new RecordedProjection(
                new QueryKeyValue(queries, keys, values),
                (outputs, gradients) -> backward(plain, both, normed, expanded, outputs, gradients, kernels),
                () -> {
                    ImmutableList.of(queries, keys, values, rotated, latent).forEach(kernels::release);
                    ImmutableList.of(plain, both, normed, expanded).forEach(Recording::close);
                });
    }

    private INDArray backward(
            Recording plain,
            Recording both,
            Recording normed,
            Recording expanded,
            QueryKeyValue outputs,
            Gradients gradients,
            Kernels kernels) {
        INDArray plainGradient = sizes.plainQueries(outputs.queries());
        INDArray sum = plain.backward(plainGradient, gradients);
        kernels.release(plainGradient);
        INDArray expandedGradient = sizes.expanded(outputs.keys(), outputs.values());
        INDArray normedGradient = expanded.backward(expandedGradient, gradients);
        kernels.release(expandedGradient);
        INDArray latentGradient = normed.backward(normedGradient, gradients);
        kernels.release(normedGradient);
        INDArray rotatedGradient = sizes.rotated(outputs.keys());
        INDArray joined = kernels.matrix(latentGradient.size(0), down.out());
        Columns.put(joined, 0, latentGradient);
        Columns.put(joined, up.in(), rotatedGradient);
        kernels.release(latentGradient);
        kernels.release(rotatedGradient);
        INDArray before = both.backward(joined, gradients);
        kernels.release(joined);
        return ArraySum.add(sum, before, kernels);
    }

    @Override
    public void declare(Consumer<TensorDeclaration> declare) {
        query.forEach(block -> block.declare(declare));
        down.declare(declare);
        norm.declare(declare);
        up.declare(declare);
    }
}
