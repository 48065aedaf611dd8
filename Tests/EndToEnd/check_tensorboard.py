"""Reads a run's event files with TensorBoard. Needs the package `tensorboard`."""

import math
import os

from tensorboard.backend.event_processing import event_accumulator, event_file_loader
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util


def runs(directory):
    """The folders below `directory` that TensorBoard shows as runs, by name."""
    found = {}
    for folder, _, files in os.walk(directory):
        if any("tfevents" in name for name in files):
            found[os.path.relpath(folder, directory)] = folder
    return found


def accumulate(folder):
    """A run's folder, read completely by TensorBoard's reader."""
    everything = dict.fromkeys(event_accumulator.DEFAULT_SIZE_GUIDANCE, 0)
    return event_accumulator.EventAccumulator(folder, size_guidance=everything).Reload()


def scalars(directory):
    """{run: {tag: [(wall time, step, value)]}}."""
    result = {}
    for name, folder in runs(directory).items():
        events = accumulate(folder)
        result[name] = {
            tag: [(e.wall_time, e.step, e.value) for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]
        }
    return result


def tensors(directory):
    """{run: {tag: [(step, array)]}}: histograms of shape [bins, 3] (lower, upper, count), and the journal's text."""
    result = {}
    for name, folder in runs(directory).items():
        events = accumulate(folder)
        result[name] = {
            tag: [(e.step, tensor_util.make_ndarray(e.tensor_proto)) for e in events.Tensors(tag)]
            for tag in events.Tags()["tensors"] if not tag.startswith("_hparams_/")
        }
    return result


def hyperparameters(directory):
    """{run: {name: value}} and {run: status}, read like TensorBoard's hparams plug-in."""
    started, ended = {}, {}
    for name, folder in runs(directory).items():
        contents = accumulate(folder).PluginTagToContent("hparams")
        for content in contents.values():
            data = plugin_data_pb2.HParamsPluginData.FromString(content)
            if data.WhichOneof("data") == "session_start_info":
                started[name] = {
                    key: getattr(value, value.WhichOneof("kind"))
                    for key, value in data.session_start_info.hparams.items()
                }
            elif data.WhichOneof("data") == "session_end_info":
                ended[name] = data.session_end_info.status
    return started, ended


def damaged(directory):
    """The files that end within a record or have wrong checksums."""
    result = []
    for folder in runs(directory).values():
        for name in sorted(os.listdir(folder)):
            try:
                for _ in event_file_loader.EventFileLoader(os.path.join(folder, name)).Load():
                    pass
            except Exception as error:  # the classes differ between versions of TensorBoard
                result.append((name, str(error)))
    return result


def differences(found, expected):
    """The differences of two results of `scalars`; wall times, steps and float32 values must be equal."""
    result = []
    for run, tag in sorted({(r, t) for side in (found, expected) for r in side for t in side[r]}):
        one, other = (side.get(run, {}).get(tag, []) for side in (found, expected))
        if len(one) != len(other):
            result.append(f"{run}/{tag}: {len(one)} points, expected {len(other)}")
        for a, b in zip(one, other):
            same = a[2] == b[2] or (math.isnan(a[2]) and math.isnan(b[2]))
            if a[:2] != b[:2] or not same:
                result.append(f"{run}/{tag}: {a}, expected {b}")
    return result
