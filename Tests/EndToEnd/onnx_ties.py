"""Explains differences of logits between an ONNX file and the packed model by signs of float sums at their threshold.

ONNX Runtime adds floats in another order than signflip. Where a float sum is at the threshold of a sign, the sign may
differ, and all that depends on it. Such a sign is found by proof: negated in the ONNX graph, it gives the packed model's logits.
"""
import numpy
import onnx
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

# A sum is at the threshold if its distance is within this share of the layer's greatest value, in floats and in double precision.
BOUND = 1e-5


class Ties:
    """The signs of a standard ONNX file."""

    def __init__(self, path, tolerance):
        self.tolerance = tolerance
        self.model = onnx.load(path)
        graph, self.signs = self.model.graph, []
        for place, node in enumerate(list(graph.node)):
            if node.op_type != "GreaterOrEqual":
                continue
            value, flips, plain = node.input[0], f"{node.name}.flips", f"{node.name}.plain"
            difference = f"{node.name}.difference"
            self.signs.append((node.name.removesuffix("/GreaterOrEqual"), flips, value, difference))
            graph.node.insert(place + 2 * (len(self.signs) - 1), helper.make_node("Sub", list(node.input), [difference]))
            output, node.output[0] = node.output[0], plain
            graph.node.insert(place + 2 * len(self.signs), helper.make_node("Xor", [plain, flips], [output]))
            graph.input.append(helper.make_tensor_value_info(flips, TensorProto.BOOL, None))
            graph.output.extend(onnx.ValueInfoProto(name=name) for name in (value, difference))
        self.session = onnxruntime.InferenceSession(self.model.SerializeToString(), providers=["CPUExecutionProvider"])

    def explain(self, image, expected):
        """The ties of an image as words; None if the logits differ for another reason. Two ties at most."""
        return self.search(image, expected, {})

    def search(self, image, expected, flipped):
        logits, values = self.run(image, flipped)
        if share(logits, expected) <= self.tolerance:
            return [self.words(image, *place) for place in flipped]
        if len(flipped) == 2:
            return None
        for number, (_, _, value, difference) in enumerate(self.signs):
            distances = abs(values[difference][0])
            for place in numpy.argwhere(distances <= BOUND * abs(values[value]).max()):
                key = (number, tuple(int(index) for index in place))
                found = None if key in flipped else self.search(image, expected, {**flipped, key: distances.shape})
                if found is not None:
                    return found
        return None

    def run(self, image, flipped):
        """The logits, and the values of each sign by name."""
        feeds = {"images": image[None]}
        for number, (_, flips, _, _) in enumerate(self.signs):
            places = {place: shape for (sign, place), shape in flipped.items() if sign == number}
            feeds[flips] = numpy.zeros((1, *next(iter(places.values()), ())), bool)
            for place in places:
                feeds[flips][(0, *place)] = True
        names = [output.name for output in self.model.graph.output]
        values = dict(zip(names, self.session.run(None, feeds)))
        return values["logits"], values

    def words(self, image, number, place):
        """Layer, channel, pixel; and both sums minus the threshold, as floats in ONNX Runtime and in double precision."""
        layer, _, value, difference = self.signs[number]
        _, values = self.run(image, {})
        found, greatest = values[difference][(0, *place)], abs(values[value]).max()
        exact = self.doubles(image)[number][(0, *place)]
        assert abs(exact) <= BOUND * greatest, f"{layer}: {exact} in double precision, {found} in floats"
        return f"{layer}, unit {place[0]}, pixel {list(place[1:])}: {found:.3g} of {greatest:.3g}, {exact:.3g} in double precision"

    def doubles(self, image):
        """The inputs of the signs minus their thresholds, in double precision."""
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        for tensor in model.graph.initializer:
            if tensor.data_type == TensorProto.FLOAT:
                numbers = onnx.numpy_helper.to_array(tensor).astype(numpy.float64)
                tensor.CopyFrom(onnx.numpy_helper.from_array(numbers, tensor.name))
        for node in model.graph.node:
            for attribute in node.attribute:
                if node.op_type == "Cast" and attribute.i == TensorProto.FLOAT:
                    attribute.i = TensorProto.DOUBLE
        feeds = {"images": image[None], **{flips: numpy.zeros(1, bool) for _, flips, _, _ in self.signs}}
        return ReferenceEvaluator(model).run([difference for *_, difference in self.signs], feeds)


def share(found, expected):
    """The greatest difference as a share of the greatest logit."""
    return float(abs(found - expected).max() / max(1e-6, abs(expected).max()))
