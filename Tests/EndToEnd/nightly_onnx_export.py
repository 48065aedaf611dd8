"""The slow networks of test_onnx_export.py, which Tests/nightly runs."""
import os
import unittest

from test_checkpoint_format import CONVOLUTIONS
from test_onnx_export import ONNXExportCase

NAMED = """\
name: named
normalization: channels
seed: 6
validation: 100
defaults: {epochs: 1, batchSize: 50, precision: float32}
lanes:
  - {name: lenet, method: xnorNet, network: lenet-5, floatLayers: [first, last]}
  - {name: cnv, method: bnn, network: cnv}
  - {name: convnet, method: xnorNet, inputScale: true, network: convnet-50-100-200}
  - {name: resnet, method: bnn, network: resnet-20, floatLayers: [first, last]}
  - {name: vgg, method: bnn, network: vgg-small, eightBitLayers: [first, last]}
"""


class LongONNXExportTest(ONNXExportCase):
    """Convolutions of every method, and the named networks."""

    def test_convolutions_of_every_method(self):
        self.small(CONVOLUTIONS % ("range", "sameZero"))

    def test_named_networks_on_images_of_32_by_32(self):
        import numpy
        draw = numpy.random.default_rng(8)

        def images(count):
            labels = numpy.arange(count) % 10
            images = draw.integers(0, 100, (count, 32, 32, 3))
            for image, label in zip(images, labels):
                image[label * 3:label * 3 + 5, :, label % 3] += 120
            return images.astype(numpy.uint8), labels.astype(numpy.uint8)

        (x, y), (x_test, y_test) = images(600), images(1000)
        path = os.path.join(self.folder, "bands.npz")
        numpy.savez(path, x_train=x, y_train=y, x_test=x_test, y_test=y_test)
        self.check(NAMED, path, x_test, y_test, quantized=3)


if __name__ == "__main__":
    unittest.main()
