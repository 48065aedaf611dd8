"""The shapes of the products of a packed model."""
import json
import math


def shapes(file):
    """The products of a packed model and the size of its images, read from the file."""
    with open(file, "rb") as model:
        header = json.loads(model.read(int.from_bytes(model.read(8), "little")))
    graph = json.loads(header["__metadata__"]["graph"])
    image = json.loads(header["__metadata__"]["data"])["image"]
    layers = []
    for row in graph:
        if row["op"] == "product":
            windows, output = row.get("windows"), row["output"]
            layer = {"outputs": row["rows"], "kernel": None, "pool": None}
            if windows:
                source = graph[row["inputs"][0] - 1]["output"] if row["inputs"][0] else image
                reach = [(out - 1) * step + side - before for out, step, side, before in zip(
                    windows["output"], windows["stride"], windows["kernel"], windows["before"])]
                layer |= {"kernel": windows["kernel"], "stride": windows["stride"], "before": windows["before"],
                          "after": [max(0, end - source[side]) for end, side in zip(reach, ("height", "width"))],
                          "size": [output["height"], output["width"]]}
            layers.append(layer)
        elif row["op"] in ("poolSigns", "maxPool"):
            layers[-1]["pool"] = row["windows"]["kernel"]
    hasImages = any(layer["kernel"] for layer in layers)
    size = [image["channels"], image["height"], image["width"]]
    return layers, size if hasImages else [math.prod(size)]
