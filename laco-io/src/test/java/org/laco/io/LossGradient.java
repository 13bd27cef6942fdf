package org.laco.io;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
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
 * The next-token loss of a model and its gradients by all weights that have one, as the model's derivatives give them.
 *
 * @param loss the mean over all tokens that are predicted
 * @param gradients the gradients by the full names of the weights
 * @param embedded the gradient by the hidden states that enter layer 0
 */
record LossGradient(double loss, ImmutableMap<String, INDArray> gradients, INDArray embedded) {
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
        for (int layer = model.layerCount() - 1; layer >= 0; layer--) {
            String prefix = model.decoder().layerPrefix() + layer + ".";
            back = recordings.get(layer).backward(back, wanted(shapes(model.tensors(layer)), all, prefix));
        }
        finish.close();
        recordings.forEach(Recording::close);
        weights.forEach(LayerWeights::close);
        return new LossGradient(loss, ImmutableMap.copyOf(all), back);
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

    private static Map<String, long[]> outside(CausalModel model) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        model.decoder()
                .norm()
                .ifPresent(norm -> norm.declare(
                        tensor -> shapes.put(tensor.name(), tensor.shape().toArray())));
        return shapes;
    }
}
