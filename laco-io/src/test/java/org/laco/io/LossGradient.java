package org.laco.io;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.laco.model.CausalModel;
import org.laco.stack.Calibration;
import org.laco.stack.Gradients;
import org.laco.stack.Recording;
import org.laco.tensor.LayerTensor;
import org.laco.tensor.LayerWeights;
import org.laco.tensor.SequenceLayout;
import org.laco.tensor.TensorRole;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The next-token loss of a model and its gradients, as the model's derivatives give them.
 *
 * @param loss the mean over all tokens that are predicted
 * @param gradients the gradients by all weights of layers, final norm and untied head, and by the hidden states that enter layer 0, which
 *     are called {@value #EMBEDDED}
 * @param layerNorms the norms of the gradients by all weights of a layer
 */
record LossGradient(double loss, ImmutableMap<String, INDArray> gradients, ImmutableList<Double> layerNorms) {
    static final String EMBEDDED = "embedded";

    /** Computes the loss and the gradients of a batch. */
    static LossGradient of(CausalModel model, Calibration batch) {
        Map<String, INDArray> all = new LinkedHashMap<>();
        List<LayerWeights> weights = new ArrayList<>();
        List<Recording> recordings = new ArrayList<>();
        SequenceLayout layout = batch.layout();
        INDArray embedded = model.embed(batch);
        INDArray hidden = embedded;
        for (int layer = 0; layer < model.layerCount(); layer++) {
            weights.add(LayerWeights.load(model.tensors(layer)));
            recordings.add(model.record(layer, weights.get(layer), hidden, layout));
            hidden = recordings.get(layer).output();
        }
        Recording finish = model.recordFinish(hidden);
        INDArray logits = model.logits(finish.output());
        INDArray gradient = Nd4j.create(DataType.FLOAT, logits.shape(), 'c');
        double loss = nextTokenLoss(batch, logits, gradient);
        Gradients outside = wanted(outside(model), all, "");
        INDArray output = model.logitsBackward(finish.output(), logits, gradient, outside);
        INDArray back = finish.backward(output, outside);
        List<Double> norms = new ArrayList<>();
        for (int layer = model.layerCount() - 1; layer >= 0; layer--) {
            Map<String, INDArray> ofLayer = new LinkedHashMap<>();
            String prefix = model.decoder().layerPrefix() + layer + ".";
            back = recordings.get(layer).backward(back, wanted(shapes(model.tensors(layer)), ofLayer, prefix));
            norms.add(0, norm(ofLayer.values()));
            all.putAll(ofLayer);
        }
        all.put(EMBEDDED, back);
        finish.close();
        recordings.forEach(Recording::close);
        weights.forEach(LayerWeights::close);
        return new LossGradient(loss, ImmutableMap.copyOf(all), ImmutableList.copyOf(norms));
    }

    private static double norm(Collection<INDArray> gradients) {
        return Math.sqrt(gradients.stream()
                .mapToDouble(each -> Math.pow(each.norm2Number().doubleValue(), 2))
                .sum());
    }

    /** The gradient by a weight, or by the hidden states that enter layer 0. */
    INDArray gradient(String name) {
        return requireNonNull(gradients.get(name), () -> "no gradient of " + name + ", only " + gradients.keySet());
    }

    /** Computes the loss alone. */
    static double loss(CausalModel model, Calibration batch) {
        try (INDArray hidden = model.hidden(batch, model.layerCount());
                INDArray output = model.finish(hidden);
                INDArray logits = model.logits(output)) {
            return nextTokenLoss(batch, logits, null);
        }
    }

    /** The loss in float64; its gradient by the logits is put into an array that begins with zeros. */
    private static double nextTokenLoss(Calibration batch, INDArray logits, INDArray gradient) {
        SequenceLayout layout = batch.layout();
        int count = layout.rows() - layout.count();
        double loss = 0;
        for (int i = 0; i < layout.count(); i++) {
            int[] tokens = batch.tokens(i);
            for (int at = 0; at + 1 < tokens.length; at++) {
                int row = layout.start(i) + at;
                double[] shares = softmax(logits.getRow(row).toDoubleVector());
                loss -= Math.log(shares[tokens[at + 1]]) / count;
                if (gradient != null) {
                    shares[tokens[at + 1]] -= 1;
                    gradient.putRow(
                            row, Nd4j.createFromArray(shares).divi(count).castTo(DataType.FLOAT));
                }
            }
        }
        return loss;
    }

    private static double[] softmax(double[] logits) {
        double highest = Double.NEGATIVE_INFINITY;
        for (double logit : logits) {
            highest = Math.max(highest, logit);
        }
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit - highest);
        }
        double[] shares = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            shares[i] = Math.exp(logits[i] - highest) / sum;
        }
        return shares;
    }

    private static Gradients wanted(Map<String, long[]> shapes, Map<String, INDArray> all, String prefix) {
        ImmutableMap.Builder<String, INDArray> sums = ImmutableMap.builder();
        shapes.forEach((name, shape) -> {
            INDArray sum = Nd4j.create(DataType.FLOAT, shape, 'c');
            sums.put(name, sum);
            all.put(prefix + name, sum);
        });
        return Gradients.of(sums.buildOrThrow());
    }

    private static Map<String, long[]> shapes(Map<String, LayerTensor> tensors) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            if (tensor.role() != TensorRole.BUFFER) {
                shapes.put(name, tensor.tensor().shape());
            }
        });
        return shapes;
    }

    /** The final norm and the head, unless its weight is the embedding, whose gradient has another part. */
    private static Map<String, long[]> outside(CausalModel model) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        String head = model.decoder().head().weight();
        for (String name : List.of(head, head.replaceAll("weight$", "bias"))) {
            if (!head.equals(model.decoder().embedding().tokens())
                    && model.tensors().contains(name)) {
                shapes.put(name, model.tensors().tensor(name).shape());
            }
        }
        model.decoder()
                .norm()
                .ifPresent(norm -> norm.declare(
                        tensor -> shapes.put(tensor.name(), tensor.shape().toArray())));
        return shapes;
    }
}
